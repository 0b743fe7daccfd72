/// Makes a text with values. Pure: the clock and the zone come in.
package struct LiquidRenderer {
    /// What dates are told by.
    package struct Clock: Sendable {
        var now: Timestamp
        var calendar: LocalCalendar

        package init(now: Timestamp, calendar: LocalCalendar) {
            self.now = now
            self.calendar = calendar
        }
    }

    let clock: Clock
    /// Applied to what values say, not to what the text itself says.
    private let escape: (@Sendable (String) -> String)?
    private var scope: [String: JSONValue]
    private var steps = 0
    private var out = ""

    private enum Flow {
        case on, leave, skip
    }

    private init(_ values: [String: JSONValue], _ clock: Clock, _ escape: (@Sendable (String) -> String)?) {
        scope = values
        self.clock = clock
        self.escape = escape
    }

    /// Throws: `LiquidError` when it goes on for too long, makes too much, or a filter cannot be used.
    package static func render(
        _ text: LiquidText, _ values: [String: JSONValue], _ clock: Clock,
        escape: (@Sendable (String) -> String)? = nil
    ) throws -> String {
        var renderer = LiquidRenderer(values, clock, escape)
        _ = try renderer.run(text.nodes)
        return renderer.out
    }

    private mutating func step(_ line: Int = 0) throws {
        steps += 1
        if steps > LiquidLimits.steps { throw LiquidError(.tooManySteps, line: line) }
    }

    private mutating func write(_ text: String, _ line: Int = 0) throws {
        out += text
        if out.utf8.count > LiquidLimits.outputBytes {
            throw LiquidError(.tooMuchOutput(bytes: LiquidLimits.outputBytes), line: line)
        }
    }

    private mutating func run(_ nodes: [LiquidNode]) throws -> Flow {
        for node in nodes {
            try step()
            var flow = Flow.on
            switch node {
            case .text(let text): try write(text)
            case .output(let value, let line):
                let found = Self.text(try evaluate(value))
                try write(escape?(found) ?? found, line)
            case .choice(let branches, let otherwise):
                flow = try run(try branches.first { try holds($0.0) }?.1 ?? otherwise)
            case .match(let subject, let branches, let otherwise):
                flow = try match(evaluate(subject), branches, otherwise)
            case .loop(let loop, let line): flow = try iterate(loop, line)
            case .assign(let name, let value): scope[name] = try evaluate(value)
            case .capture(let name, let body):
                let before = out
                out = ""
                flow = try run(body)
                scope[name] = .string(out)
                out = before
            case .leave: return .leave
            case .skip: return .skip
            }
            if flow != .on { return flow }
        }
        return .on
    }

    private mutating func match(
        _ subject: JSONValue, _ branches: [([LiquidExpression], [LiquidNode])], _ otherwise: [LiquidNode]
    ) throws -> Flow {
        var isMatched = false
        for (values, body) in branches {
            guard try values.contains(where: { try equal(subject, $0) }) else { continue }
            isMatched = true
            let flow = try run(body)
            if flow != .on { return flow }
        }
        return isMatched ? .on : try run(otherwise)
    }

    private mutating func iterate(_ loop: LiquidLoop, _ line: Int) throws -> Flow {
        var items: [JSONValue]
        switch try evaluate(loop.collection) {
        case .array(let elements): items = elements
        case .object(let members): items = members.sorted { $0.key < $1.key }.map { [.string($0.key), $0.value] }
        case .string(let text) where !text.isEmpty: items = [.string(text)]
        default: items = []
        }
        if let offset = try loop.offset.map({ try evaluate($0) })?.intValue {
            items = Array(items.dropFirst(Int(max(0, min(offset, 1_000_000)))))
        }
        if let limit = try loop.limit.map({ try evaluate($0) })?.intValue {
            items = Array(items.prefix(Int(max(0, min(limit, 1_000_000)))))
        }
        if loop.isReversed { items.reverse() }
        guard !items.isEmpty else { return try run(loop.otherwise) }
        let outer = (scope[loop.variable], scope["forloop"])
        for (index, item) in items.enumerated() {
            try step(line)
            scope[loop.variable] = item
            scope["forloop"] = [
                "index": JSONValue(index + 1), "index0": JSONValue(index), "rindex": JSONValue(items.count - index),
                "rindex0": JSONValue(items.count - index - 1), "first": JSONValue(index == 0),
                "last": JSONValue(index == items.count - 1), "length": JSONValue(items.count),
            ]
            if try run(loop.body) == .leave { break }
        }
        (scope[loop.variable], scope["forloop"]) = outer
        return .on
    }

    // MARK: Values

    private mutating func evaluate(_ value: LiquidValue) throws -> JSONValue {
        var found = try evaluate(value.expression)
        for filter in value.filters {
            try step(filter.line)
            let arguments = try filter.arguments.map { try evaluate($0) }
            let named = try filter.named.mapValues { try evaluate($0) }
            found = try LiquidFilters.apply(
                LiquidFilters.Call(name: filter.name, arguments: arguments, named: named, line: filter.line), to: found,
                clock)
        }
        return found
    }

    private func evaluate(_ expression: LiquidExpression) throws -> JSONValue {
        switch expression {
        case .literal(let value): return value
        case .empty, .blank: return .string("")
        case .range(let from, let to):
            let (low, high) = (Self.integer(try evaluate(from)), Self.integer(try evaluate(to)))
            guard low <= high else { return [] }
            guard high.subtractingReportingOverflow(low).partialValue < LiquidLimits.steps,
                !high.subtractingReportingOverflow(low).overflow
            else { throw LiquidError(.tooManySteps, line: 0) }
            return .array((low...high).map { .integer($0) })
        case .path(let name, let steps, _):
            var value = scope[name] ?? .null
            for step in steps {
                switch step {
                case .name(let name): value = Self.member(value, name)
                case .index(let index):
                    switch try evaluate(index) {
                    case .string(let key): value = Self.member(value, key)
                    case let other: value = Self.element(value, Self.integer(other))
                    }
                }
            }
            return value
        }
    }

    private static func member(_ value: JSONValue, _ name: String) -> JSONValue {
        if let found = value[name] { return found }
        switch (value, name) {
        case (.array(let items), "size"): return JSONValue(items.count)
        case (.array(let items), "first"): return items.first ?? .null
        case (.array(let items), "last"): return items.last ?? .null
        case (.object(let members), "size"): return JSONValue(members.count)
        case (.string(let text), "size"): return JSONValue(text.count)
        default: return .null
        }
    }

    private static func element(_ value: JSONValue, _ index: Int64) -> JSONValue {
        guard case .array(let items) = value else { return .null }
        let place = index < 0 ? Int64(items.count) + index : index
        return place >= 0 && place < items.count ? items[Int(place)] : .null
    }

    static func integer(_ value: JSONValue) -> Int64 {
        switch value {
        case .integer(let number): number
        case .number(let number): Int64(exactly: number.rounded(.towardZero)) ?? 0
        case .string(let text): Int64(text.prefix { $0.isNumber || $0 == "-" }) ?? 0
        default: 0
        }
    }

    /// As it is shown.
    static func text(_ value: JSONValue) -> String {
        switch value {
        case .null: ""
        case .bool(let flag): flag ? "true" : "false"
        case .integer(let number): String(number)
        case .number(let number): number.description
        case .string(let text): text
        case .array(let items): items.map(text).joined()
        case .object: value.text()
        }
    }

    // MARK: Conditions

    private mutating func holds(_ condition: LiquidCondition) throws -> Bool {
        try step()
        switch condition {
        case .truth(let expression): return Self.isTrue(try evaluate(expression))
        case .not(let inner): return try !holds(inner)
        case .and(let left, let right): return try holds(left) && holds(right)
        case .or(let left, let right): return try holds(left) || holds(right)
        case .compare(let left, "==", let right): return try equal(evaluate(left), right, left)
        case .compare(let left, "!=", let right): return try !equal(evaluate(left), right, left)
        case .compare(let left, "contains", let right):
            return try Self.contains(evaluate(left), evaluate(right))
        case .compare(let left, let sign, let right):
            return try Self.ordered(evaluate(left), sign, evaluate(right))
        }
    }

    static func isTrue(_ value: JSONValue) -> Bool { value != .null && value != .bool(false) }

    private func equal(
        _ left: JSONValue, _ right: LiquidExpression, _ leftExpression: LiquidExpression? = nil
    ) throws -> Bool {
        for word in [right, leftExpression] {
            let other = word == right ? left : try evaluate(right)
            if word == .empty { return Self.isEmpty(other) }
            if word == .blank { return Self.isBlank(other) }
        }
        let value = try evaluate(right)
        if let a = left.doubleValue, let b = value.doubleValue { return a == b }
        return left == value
    }

    static func isEmpty(_ value: JSONValue) -> Bool {
        switch value {
        case .string(let text): text.isEmpty
        case .array(let items): items.isEmpty
        case .object(let members): members.isEmpty
        default: false
        }
    }

    private static func isBlank(_ value: JSONValue) -> Bool {
        if case .string(let text) = value { return text.allSatisfy(\.isWhitespace) }
        return value == .null || value == .bool(false) || isEmpty(value)
    }

    private static func contains(_ whole: JSONValue, _ part: JSONValue) -> Bool {
        switch whole {
        case .string(let text): part == .null ? false : text.contains(Self.text(part))
        case .array(let items): items.contains(part)
        case .object(let members): part.stringValue.map { members[$0] != nil } ?? false
        default: false
        }
    }

    private static func ordered(_ left: JSONValue, _ sign: String, _ right: JSONValue) -> Bool {
        if let a = left.doubleValue, let b = right.doubleValue { return compare(a, sign, b) }
        if let a = left.stringValue, let b = right.stringValue { return compare(a, sign, b) }
        return false
    }

    private static func compare<T: Comparable>(_ left: T, _ sign: String, _ right: T) -> Bool {
        switch sign {
        case "<": left < right
        case ">": left > right
        case "<=": left <= right
        default: left >= right
        }
    }
}
