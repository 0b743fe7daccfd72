/// Reads pieces into a tree.
struct LiquidParser {
    private let pieces: [LiquidLexer.Piece]
    private var place = 0
    private var depth = 0

    init(_ pieces: [LiquidLexer.Piece]) {
        self.pieces = pieces
    }

    /// Throws: `LiquidError`.
    mutating func document() throws -> [LiquidNode] {
        let (nodes, stop) = try block(until: [])
        if let stop { throw LiquidError(.misplaced(stop.name), line: stop.line) }
        return nodes
    }

    private typealias Stop = (name: String, words: [LiquidLexer.Word], line: Int)

    /// Nodes up to one of the tags named, or to the end.
    private mutating func block(until ends: Set<String>) throws -> ([LiquidNode], Stop?) {
        depth += 1
        defer { depth -= 1 }
        var nodes: [LiquidNode] = []
        while place < pieces.count {
            let piece = pieces[place]
            place += 1
            switch piece {
            case .text(let text): nodes.append(.text(text))
            case .output(let words, let line):
                guard !words.isEmpty else { continue }
                var reader = LiquidWords(words, line: line)
                nodes.append(.output(try reader.value(), line: line))
                try reader.end()
            case .tag(let name, let words, let line):
                guard depth <= LiquidLimits.depth else { throw LiquidError(.tooDeep, line: line) }
                if ends.contains(name) { return (nodes, (name, words, line)) }
                nodes.append(try tag(name, words, line))
            }
        }
        return (nodes, nil)
    }

    private mutating func tag(_ name: String, _ words: [LiquidLexer.Word], _ line: Int) throws -> LiquidNode {
        var reader = LiquidWords(words, line: line)
        switch name {
        case "if": return try choice("if", try condition(&reader), line)
        case "unless": return try choice("unless", .not(try condition(&reader)), line)
        case "case":
            let subject = try reader.expression()
            try reader.end()
            return try match(subject, line)
        case "for": return try loop(&reader, line)
        case "assign":
            let variable = try reader.name()
            try reader.sign("=")
            let value = try reader.value()
            try reader.end()
            return .assign(variable, value)
        case "capture":
            let variable = try reader.captured()
            try reader.end()
            return .capture(variable, try body("capture", line))
        case "break", "continue":
            try reader.end()
            return name == "break" ? .leave : .skip
        case "else", "elsif", "when", "endif", "endunless", "endcase", "endfor", "endcapture", "endraw", "endcomment":
            throw LiquidError(.misplaced(name), line: line)
        default: throw LiquidError(.unknownTag(name), line: line)
        }
    }

    private func condition(_ reader: inout LiquidWords) throws -> LiquidCondition {
        let condition = try reader.condition()
        try reader.end()
        return condition
    }

    private mutating func body(_ name: String, _ line: Int) throws -> [LiquidNode] {
        let (nodes, stop) = try block(until: ["end" + name])
        guard stop != nil else { throw LiquidError(.missingEnd(name), line: line) }
        return nodes
    }

    private mutating func choice(
        _ name: String, _ first: LiquidCondition, _ line: Int
    ) throws -> LiquidNode {
        var branches: [(LiquidCondition, [LiquidNode])] = []
        var open = first
        while true {
            let (nodes, stop) = try block(until: ["elsif", "else", "end" + name])
            guard let stop else { throw LiquidError(.missingEnd(name), line: line) }
            branches.append((open, nodes))
            switch stop.name {
            case "elsif":
                var reader = LiquidWords(stop.words, line: stop.line)
                open = try condition(&reader)
            case "else": return .choice(branches, otherwise: try body(name, line))
            default: return .choice(branches, otherwise: [])
            }
        }
    }

    private mutating func match(_ subject: LiquidExpression, _ line: Int) throws -> LiquidNode {
        var branches: [([LiquidExpression], [LiquidNode])] = []
        // What stands before the first `when` is never shown.
        var (_, stop) = try block(until: ["when", "else", "endcase"])
        while let found = stop {
            switch found.name {
            case "when":
                var reader = LiquidWords(found.words, line: found.line)
                let values = try reader.alternatives()
                let nodes: [LiquidNode]
                (nodes, stop) = try block(until: ["when", "else", "endcase"])
                branches.append((values, nodes))
            case "else": return .match(subject, branches, otherwise: try body("case", line))
            default: return .match(subject, branches, otherwise: [])
            }
        }
        throw LiquidError(.missingEnd("case"), line: line)
    }

    private mutating func loop(_ reader: inout LiquidWords, _ line: Int) throws -> LiquidNode {
        let variable = try reader.name()
        try reader.word("in")
        var loop = LiquidLoop(variable: variable, collection: try reader.expression(), body: [], otherwise: [])
        while let option = try reader.option() {
            switch option {
            case "reversed": loop.isReversed = true
            case "limit":
                try reader.sign(":")
                loop.limit = try reader.expression()
            case "offset":
                try reader.sign(":")
                loop.offset = try reader.expression()
            default: throw LiquidError(.unexpected(option), line: line)
            }
        }
        let (nodes, stop) = try block(until: ["else", "endfor"])
        guard let stop else { throw LiquidError(.missingEnd("for"), line: line) }
        loop.body = nodes
        if stop.name == "else" { loop.otherwise = try body("for", line) }
        return .loop(loop, line: line)
    }
}
