/// Reads the words inside one output or tag.
struct LiquidWords {
    private let words: [LiquidLexer.Word]
    private let line: Int
    private var place = 0

    init(_ words: [LiquidLexer.Word], line: Int) {
        self.words = words
        self.line = line
    }

    private var next: LiquidLexer.Word? { place < words.count ? words[place] : nil }

    private func unexpected() -> LiquidError {
        switch next {
        case .name(let name): LiquidError(.unexpected(name), line: line)
        case .sign(let sign): LiquidError(.unexpected(sign), line: line)
        case .literal(let value): LiquidError(.unexpected(value.text()), line: line)
        case nil: LiquidError(.unexpected("}"), line: line)
        }
    }

    mutating func end() throws {
        if next != nil { throw unexpected() }
    }

    mutating func sign(_ sign: String) throws {
        guard take(sign) else { throw unexpected() }
    }

    mutating func word(_ word: String) throws {
        guard next == .name(word) else { throw unexpected() }
        place += 1
    }

    private mutating func take(_ sign: String) -> Bool {
        guard next == .sign(sign) else { return false }
        place += 1
        return true
    }

    mutating func name() throws -> String {
        guard case .name(let name)? = next else { throw unexpected() }
        place += 1
        return name
    }

    /// The variable of a `capture`, which may stand in quotes.
    mutating func captured() throws -> String {
        if case .literal(.string(let name))? = next {
            place += 1
            return name
        }
        return try name()
    }

    /// A further word of a `for`; nil at the end.
    mutating func option() throws -> String? {
        _ = take(",")
        return next == nil ? nil : try name()
    }

    mutating func value() throws -> LiquidValue {
        var value = LiquidValue(expression: try expression())
        while take("|") {
            var filter = LiquidFilter(name: try name(), line: line)
            guard LiquidFilters.names.contains(filter.name) else {
                throw LiquidError(.unknownFilter(filter.name), line: line)
            }
            if take(":") {
                repeat {
                    if case .name(let key)? = next, place + 1 < words.count, words[place + 1] == .sign(":") {
                        place += 2
                        filter.named[key] = try expression()
                    } else {
                        filter.arguments.append(try expression())
                    }
                } while take(",")
            }
            value.filters.append(filter)
        }
        return value
    }

    mutating func alternatives() throws -> [LiquidExpression] {
        var found = [try expression()]
        while next != nil {
            if next == .name("or") { place += 1 } else { try sign(",") }
            found.append(try expression())
        }
        return found
    }

    mutating func expression() throws -> LiquidExpression {
        switch next {
        case .literal(let value)?:
            place += 1
            return .literal(value)
        case .sign("(")?:
            place += 1
            let from = try expression()
            try sign("..")
            let to = try expression()
            try sign(")")
            return .range(from, to)
        case .name(let name)?:
            place += 1
            switch name {
            case "true": return .literal(true)
            case "false": return .literal(false)
            case "nil", "null": return .literal(.null)
            case "empty" where next != .sign("."): return .empty
            case "blank" where next != .sign("."): return .blank
            default: return .path(name, try steps(), line: line)
            }
        default: throw unexpected()
        }
    }

    private mutating func steps() throws -> [LiquidStep] {
        var steps: [LiquidStep] = []
        while true {
            if take(".") {
                steps.append(.name(try name()))
            } else if take("[") {
                let index = try expression()
                try sign("]")
                if case .literal(.string(let key)) = index {
                    steps.append(.name(key))
                } else {
                    steps.append(.index(index))
                }
            } else {
                return steps
            }
        }
    }

    private static let comparisons: Set<String> = ["==", "!=", "<>", "<", ">", "<=", ">="]

    mutating func condition() throws -> LiquidCondition {
        let left = try expression()
        var condition = LiquidCondition.truth(left)
        if case .sign(let sign)? = next, Self.comparisons.contains(sign) {
            place += 1
            condition = .compare(left, sign == "<>" ? "!=" : sign, try expression())
        } else if next == .name("contains") {
            place += 1
            condition = .compare(left, "contains", try expression())
        }
        if next == .name("and") {
            place += 1
            return .and(condition, try self.condition())
        }
        if next == .name("or") {
            place += 1
            return .or(condition, try self.condition())
        }
        return condition
    }
}
