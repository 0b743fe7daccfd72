/// A statement for the analytics store; interpolated values are rendered as ClickHouse literals, escaped, so the same
/// text runs on chDB and on any server version.
package struct AnalyticsSQL: Sendable, Hashable {
    package var text: String

    package init(text: String) {
        self.text = text
    }

    package static func + (left: AnalyticsSQL, right: AnalyticsSQL) -> AnalyticsSQL {
        AnalyticsSQL(text: left.text + right.text)
    }

    /// `'…'` with backslash, quote and NUL escaped: the only escapes both ends of the supported range agree on.
    package static func quoted(_ string: String) -> String {
        var out = "'"
        out.reserveCapacity(string.utf8.count + 2)
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\\": out += "\\\\"
            case "'": out += "\\'"
            case "\0": out += "\\0"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "'"
    }
}

extension AnalyticsSQL: ExpressibleByStringInterpolation {
    package init(stringLiteral value: String) {
        self.init(text: value)
    }

    package init(stringInterpolation: StringInterpolation) {
        self.init(text: stringInterpolation.text)
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        var text = ""

        package init(literalCapacity: Int, interpolationCount: Int) {}

        package mutating func appendLiteral(_ literal: String) {
            text += literal
        }

        package mutating func appendInterpolation(_ value: String) {
            text += AnalyticsSQL.quoted(value)
        }

        package mutating func appendInterpolation(_ value: some BinaryInteger) {
            text += String(value)
        }

        package mutating func appendInterpolation(list values: some Collection<some BinaryInteger>) {
            text += values.isEmpty ? "NULL" : values.map { String($0) }.joined(separator: ",")
        }

        package mutating func appendInterpolation(list values: some Collection<String>) {
            text += values.isEmpty ? "NULL" : values.map(AnalyticsSQL.quoted).joined(separator: ",")
        }

        /// Splices a trusted fragment: a column name from code, never input.
        package mutating func appendInterpolation(raw fragment: String) {
            text += fragment
        }

        package mutating func appendInterpolation(_ nested: AnalyticsSQL) {
            text += nested.text
        }
    }
}
