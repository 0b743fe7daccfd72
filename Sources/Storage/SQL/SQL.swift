/// A statement for an operational store: text with `?` placeholders and the values bound to them.
///
/// Written as a string literal; an interpolated value is always bound, never spliced:
/// ```swift
/// let sql: SQL = "SELECT id FROM profiles WHERE stage = \(stage) AND id IN (\(list: ids))"
/// ```
/// The dialect of the store renders the placeholders (`?` in SQLite, `$1` in PostgreSQL). Statements keep to the
/// subset that both understand; where they differ, `\(raw:)` takes a fragment from `SQLDialect`.
package struct SQL: Sendable, Hashable {
    package var text: String
    package var arguments: [SQLValue]

    package init(text: String, arguments: [SQLValue] = []) {
        self.text = text
        self.arguments = arguments
    }

    package static func + (left: SQL, right: SQL) -> SQL {
        SQL(text: left.text + right.text, arguments: left.arguments + right.arguments)
    }

    package static func += (left: inout SQL, right: SQL) {
        left.text += right.text
        left.arguments += right.arguments
    }
}

extension SQL: ExpressibleByStringInterpolation {
    package init(stringLiteral value: String) {
        self.init(text: value)
    }

    package init(stringInterpolation: StringInterpolation) {
        self.init(text: stringInterpolation.text, arguments: stringInterpolation.arguments)
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        var text = ""
        var arguments: [SQLValue] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount)
            arguments.reserveCapacity(interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) {
            text += literal
        }

        /// Binds one value.
        package mutating func appendInterpolation(_ value: some SQLBindable) {
            text += "?"
            arguments.append(value.sqlValue)
        }

        /// Binds each value of a list, separated by commas; an empty list renders `NULL`, which matches nothing.
        package mutating func appendInterpolation(list values: some Collection<some SQLBindable>) {
            guard !values.isEmpty else {
                text += "NULL"
                return
            }
            text += String(repeating: "?,", count: values.count).dropLast()
            arguments += values.map(\.sqlValue)
        }

        /// Splices a trusted fragment: a column name from code or a piece of `SQLDialect`, never input.
        package mutating func appendInterpolation(raw fragment: String) {
            text += fragment
        }

        /// Nests another statement with its values.
        package mutating func appendInterpolation(_ nested: SQL) {
            text += nested.text
            arguments += nested.arguments
        }
    }
}
