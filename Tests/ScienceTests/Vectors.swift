import Foundation

/// Reads the published data and the expected figures beside this target.
enum Vectors {
    static func table(_ path: String) throws -> [[String]] {
        let text = try String(contentsOf: folder.appending(path: path), encoding: .utf8)
        return text.split(whereSeparator: \.isNewline).dropFirst().map { line in
            line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
    }

    static func json(_ path: String) throws -> [String: Any] {
        let data = try Data(contentsOf: folder.appending(path: path))
        return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    }

    /// Days since 1970 of `2006-12-31`.
    static func day(_ text: String) throws -> Int64 {
        let date = try Date(text + "T00:00:00Z", strategy: .iso8601)
        return Int64(date.timeIntervalSince1970) / 86_400
    }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures")
}
