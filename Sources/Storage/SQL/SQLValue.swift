/// One value on its way into or out of an operational store.
///
/// Integers are 64-bit, text is UTF-8, blobs are raw bytes; there is no date type, times travel as
/// integer milliseconds since 1970.
package enum SQLValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
}

/// A Swift value that can stand in a `SQL` interpolation.
package protocol SQLBindable {
    var sqlValue: SQLValue { get }
}

extension SQLValue: SQLBindable {
    package var sqlValue: SQLValue { self }
}
extension Int: SQLBindable {
    package var sqlValue: SQLValue { .integer(Int64(self)) }
}
extension Int64: SQLBindable {
    package var sqlValue: SQLValue { .integer(self) }
}
extension Bool: SQLBindable {
    package var sqlValue: SQLValue { .integer(self ? 1 : 0) }
}
extension Double: SQLBindable {
    package var sqlValue: SQLValue { .real(self) }
}
extension String: SQLBindable {
    package var sqlValue: SQLValue { .text(self) }
}
extension [UInt8]: SQLBindable {
    package var sqlValue: SQLValue { .blob(self) }
}
extension Optional: SQLBindable where Wrapped: SQLBindable {
    package var sqlValue: SQLValue { self?.sqlValue ?? .null }
}
