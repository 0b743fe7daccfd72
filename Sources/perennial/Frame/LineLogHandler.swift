import Foundation
import Logging

/// One line a message on standard error: readable text, or a JSON object for a log collector.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var logLevel: Logger.Level
    let format: LogFormat

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let details = metadata.merging(metadataProvider?.get() ?? [:]) { $1 }.merging(event.metadata ?? [:]) { $1 }
            .sorted { $0.key < $1.key }
        let line: String
        switch format {
        case .text:
            let tail = details.map { " \($0.key)=\($0.value)" }.joined()
            line = "\(Self.clock()) \(event.level.rawValue.uppercased()) \(event.message)\(tail)\n"
        case .json:
            let tail = details.map { ",\(Self.quoted($0.key)):\(Self.quoted("\($0.value)"))" }.joined()
            line =
                "{\"time\":\"\(Self.clock())\",\"level\":\"\(event.level.rawValue)\",\"message\":"
                + "\(Self.quoted("\(event.message)"))\(tail)}\n"
        }
        // One write call a line: lines of several threads never interleave.
        _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    }

    /// Now, in UTC with milliseconds (RFC 3339).
    private static func clock() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var fields = tm()
        gmtime_r(&now.tv_sec, &fields)
        var text = [CChar](repeating: 0, count: 32)
        let length = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S", &fields)
        let milliseconds = String(now.tv_nsec / 1_000_000 + 1000).dropFirst()
        return String(decoding: text.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self) + "." + milliseconds
            + "Z"
    }

    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
