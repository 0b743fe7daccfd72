import Foundation

/// An error as ClickHouse words it: `Code: 241. DB::Exception: … (MEMORY_LIMIT_EXCEEDED)`.
struct ClickHouseError: Error, Equatable {
    var code: Int
    var message: String

    /// `raw` is the engine's text, with or without what precedes `Code:`. Code 0: not recognised.
    init(parsing raw: String) {
        guard let start = raw.range(of: "Code: ") else {
            code = 0
            message = raw.trimmed()
            return
        }
        let digits = raw[start.upperBound...].prefix { $0.isNumber }
        code = Int(digits) ?? 0
        var rest = raw[digits.endIndex...].drop { $0 == "." || $0 == "," || $0 == " " }
        for prefix in ["DB::Exception: ", "e.displayText() = DB::Exception: ", "e.displayText() = "] {
            if rest.hasPrefix(prefix) { rest = rest.dropFirst(prefix.count) }
        }
        if let end = rest.range(of: ", e.what() = ") { rest = rest[..<end.lowerBound] }
        message = String(rest).trimmed()
    }

    /// Codes after which the same statement may succeed on another node or a little later: network, ZooKeeper, a
    /// replica that is read-only or not yet caught up, too many parts or queries at the moment.
    static let transientCodes: Set<Int> = [
        3, 32, 202, 203, 209, 210, 225, 236, 242, 244, 252, 254, 279, 285, 286, 289, 319, 425, 999,
    ]

    static let cancelled = 394

    var isTransient: Bool { Self.transientCodes.contains(code) }

    /// As callers of the store see it. A cancelled query is a `CancellationError`.
    func storageError(sql: String, seconds: Int = 0) -> any Error {
        switch code {
        case 394: CancellationError()
        case 159, 160: StorageError.timedOut(seconds: Double(seconds))
        case 241: statement("the query needs more memory than its limit: ", sql)
        case 396: statement("the answer has more rows than its limit: ", sql)
        case 158, 307: statement("the query reads more than its limit: ", sql)
        case 243: StorageError.cannotWrite(message: message)
        default:
            if message.contains("No space left on device") || message.contains("errno: 28") {
                StorageError.cannotWrite(message: message)
            } else if isTransient {
                StorageError.unavailable(message: "\(message) (code \(code))")
            } else {
                statement("", sql)
            }
        }
    }

    private func statement(_ explanation: String, _ sql: String) -> StorageError {
        .statement(code: String(code), message: explanation + message, sql: sql)
    }
}

extension String {
    fileprivate func trimmed() -> String {
        var slice = self[...]
        while let first = slice.first, first.isWhitespace { slice = slice.dropFirst() }
        while let last = slice.last, last.isWhitespace { slice = slice.dropLast() }
        return String(slice)
    }
}
