import Foundation

/// What can be done to a value on its way into a text.
enum LiquidFilters {
    struct Call {
        var name: String
        var arguments: [JSONValue]
        var named: [String: JSONValue]
        var line: Int

        func text(_ place: Int) -> String {
            place < arguments.count ? LiquidRenderer.text(arguments[place]) : ""
        }

        func integer(_ place: Int, or usual: Int64 = 0) -> Int64 {
            place < arguments.count ? LiquidRenderer.integer(arguments[place]) : usual
        }

        func bad() -> LiquidError { LiquidError(.badArgument(name), line: line) }
    }

    typealias Filter = @Sendable (JSONValue, Call, LiquidRenderer.Clock) throws -> JSONValue

    private static let all: [String: Filter] = texts.merging(numbers) { a, _ in a }.merging(lists) { a, _ in a }
        .merging(values) { a, _ in a }

    static let names = Set(all.keys)

    /// Throws: `LiquidError`.
    static func apply(_ call: Call, to value: JSONValue, _ clock: LiquidRenderer.Clock) throws -> JSONValue {
        guard let filter = all[call.name] else { throw LiquidError(.unknownFilter(call.name), line: call.line) }
        let result = try filter(value, call, clock)
        if case .string(let text) = result, text.utf8.count > LiquidLimits.outputBytes {
            throw LiquidError(.tooMuchOutput(bytes: LiquidLimits.outputBytes), line: call.line)
        }
        return result
    }

    /// A filter from text to text.
    private static func text(_ change: @escaping @Sendable (String, Call) throws -> String) -> Filter {
        { value, call, _ in .string(try change(LiquidRenderer.text(value), call)) }
    }

    private static let values: [String: Filter] = [
        "default": { value, call, _ in
            let keepsFalse = call.named["allow_false"] == true && value == .bool(false)
            let lacks = !LiquidRenderer.isTrue(value) || LiquidRenderer.isEmpty(value)
            return lacks && !keepsFalse ? call.arguments.first ?? .string("") : value
        },
        "json": { value, _, _ in .string(value.text()) },
        "date": { value, call, clock in
            guard let moment = LiquidDates.moment(value, clock) else { return value }
            return .string(LiquidDates.text(moment, call.text(0), clock.calendar))
        },
        /// An amount in minor units (cents) with two decimals: 123400 is 1,234.00.
        "money": { value, call, _ in
            guard let minor = value.intValue else { return value }
            return .string(call.text(0) + money(minor))
        },
    ]

    private static func money(_ minor: Int64) -> String {
        let magnitude = minor.magnitude
        let cents = magnitude % 100
        var whole = String(magnitude / 100)
        var place = whole.count - 3
        while place > 0 {
            whole.insert(",", at: whole.index(whole.startIndex, offsetBy: place))
            place -= 3
        }
        return (minor < 0 ? "-" : "") + whole + (cents < 10 ? ".0" : ".") + String(cents)
    }

    // MARK: Text

    private static let texts: [String: Filter] = [
        "upcase": text { text, _ in text.uppercased() }, "downcase": text { text, _ in text.lowercased() },
        "capitalize": text { text, _ in text.prefix(1).uppercased() + text.dropFirst().lowercased() },
        "append": text { text, call in text + call.text(0) }, "prepend": text { text, call in call.text(0) + text },
        "remove": text { text, call in call.text(0).isEmpty ? text : text.replacing(call.text(0), with: "") },
        "remove_first": text { text, call in
            call.text(0).isEmpty ? text : text.replacing(call.text(0), with: "", maxReplacements: 1)
        },
        "replace": text { text, call in replaced(text, call) },
        "replace_first": text { text, call in replaced(text, call, most: 1) },
        "strip": text { text, _ in text.trimmingCharacters(in: .whitespacesAndNewlines) },
        "lstrip": text { text, _ in String(text.drop(while: \.isWhitespace)) },
        "rstrip": text { text, _ in
            String(text.reversed().drop(while: \.isWhitespace).reversed())
        },
        "strip_newlines": text { text, _ in text.filter { !$0.isNewline } },
        "strip_html": text { text, _ in
            text.replacing(/(?s)<script.*?<\/script>|<!--.*?-->|<style.*?<\/style>|<.*?>/, with: "")
        },
        "newline_to_br": text { text, _ in
            text.replacing("\r\n", with: "\n").replacing("\n", with: "<br />\n")
        },
        "escape": text { text, _ in HTMLText.escaped(text) },
        "url_encode": text { text, _ in
            OutgoingRequest.encoded(text).replacing("%20", with: "+")
        },
        "url_decode": text { text, call in
            guard let plain = text.replacing("+", with: " ").removingPercentEncoding else { throw call.bad() }
            return plain
        },
        "truncate": text { text, call in
            let length = Int(max(0, min(call.integer(0, or: 50), 1_000_000)))
            let ellipsis = call.arguments.count > 1 ? call.text(1) : "..."
            guard text.count > length else { return text }
            return text.prefix(max(0, length - ellipsis.count)) + ellipsis
        },
        "truncatewords": text { text, call in
            let length = Int(max(1, min(call.integer(0, or: 15), 100_000)))
            let ellipsis = call.arguments.count > 1 ? call.text(1) : "..."
            let words = text.split(whereSeparator: \.isWhitespace)
            guard words.count > length else { return words.joined(separator: " ") }
            return words.prefix(length).joined(separator: " ") + ellipsis
        },
    ]

    private static func replaced(_ text: String, _ call: Call, most: Int = .max) -> String {
        let (old, new) = (call.text(0), call.text(1))
        return old.isEmpty ? text : text.replacing(old, with: new, maxReplacements: most)
    }

    // MARK: Numbers

    /// Whole numbers stay whole; a text that is a number counts as one; anything else is 0.
    private static func number(_ value: JSONValue) -> JSONValue {
        switch value {
        case .integer, .number: return value
        case .string(let text):
            let trimmed = text.trimmingCharacters(in: .whitespaces)
            return Int64(trimmed).map { .integer($0) } ?? Double(trimmed).map { .number($0) } ?? .integer(0)
        default: return .integer(0)
        }
    }

    private static func reckon(
        _ whole: @escaping @Sendable (Int64, Int64) -> (Int64, Bool),
        _ real: @escaping @Sendable (Double, Double) -> Double
    ) -> Filter {
        { value, call, _ in
            let (left, right) = (number(value), number(call.arguments.first ?? .null))
            if case .integer(let a) = left, case .integer(let b) = right {
                let (result, overflows) = whole(a, b)
                if overflows { throw call.bad() }
                return .integer(result)
            }
            return .number(real(left.doubleValue ?? 0, right.doubleValue ?? 0))
        }
    }

    private static let numbers: [String: Filter] = [
        "plus": reckon({ checked($0.addingReportingOverflow($1)) }, { $0 + $1 }),
        "minus": reckon({ checked($0.subtractingReportingOverflow($1)) }, { $0 - $1 }),
        "times": reckon({ checked($0.multipliedReportingOverflow(by: $1)) }, { $0 * $1 }),
        "divided_by": reckon(quotient, { $0 / $1 }),
        "modulo": reckon(
            { $1 == 0 || $1 == -1 ? (0, $1 == 0) : (modulo($0, $1), false) },
            { $0 - ($0 / $1).rounded(.down) * $1 }),
        "at_least": reckon({ (max($0, $1), false) }, { max($0, $1) }),
        "at_most": reckon({ (min($0, $1), false) }, { min($0, $1) }),
        "abs": { value, call, _ in
            switch number(value) {
            case .integer(let whole) where whole != .min: return .integer(abs(whole))
            case .number(let real): return .number(abs(real))
            default: throw call.bad()
            }
        },
        "ceil": { value, call, _ in try rounded(value, call, .up) },
        "floor": { value, call, _ in try rounded(value, call, .down) },
        "round": { value, call, _ in
            let digits = call.integer(0)
            guard digits > 0, digits < 16, case .number(let real) = number(value) else {
                return try rounded(value, call, .toNearestOrAwayFromZero)
            }
            var scale = 1.0
            for _ in 0..<digits { scale *= 10 }
            return .number((real * scale).rounded(.toNearestOrAwayFromZero) / scale)
        },
    ]

    private static func checked(_ result: (partialValue: Int64, overflow: Bool)) -> (Int64, Bool) {
        (result.partialValue, result.overflow)
    }

    /// Rounded down, as Ruby does; a division by 0 is refused.
    @Sendable private static func quotient(_ left: Int64, _ right: Int64) -> (Int64, Bool) {
        if right == 0 || left == .min && right == -1 { return (0, true) }
        let quotient = left / right
        return (left % right != 0 && (left < 0) != (right < 0) ? quotient - 1 : quotient, false)
    }

    private static func modulo(_ left: Int64, _ right: Int64) -> Int64 {
        let rest = left % right
        return rest != 0 && (rest < 0) != (right < 0) ? rest + right : rest
    }

    private static func rounded(
        _ value: JSONValue, _ call: Call, _ rule: FloatingPointRoundingRule
    ) throws -> JSONValue {
        switch number(value) {
        case .number(let real):
            guard let whole = Int64(exactly: real.rounded(rule)) else { throw call.bad() }
            return .integer(whole)
        case let whole: return whole
        }
    }
}
