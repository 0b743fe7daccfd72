/// A value in a text: written there, or found under a name.
indirect enum LiquidExpression: Sendable, Equatable {
    case literal(JSONValue)
    /// `empty` and `blank`, which only comparisons understand.
    case empty, blank
    case path(String, [LiquidStep], line: Int)
    /// `(1..item.count)`
    case range(LiquidExpression, LiquidExpression)
}

enum LiquidStep: Sendable, Equatable {
    case name(String)
    case index(LiquidExpression)
}

/// `name: argument, key: argument`
struct LiquidFilter: Sendable, Equatable {
    var name: String
    var arguments: [LiquidExpression] = []
    var named: [String: LiquidExpression] = [:]
    var line: Int
}

struct LiquidValue: Sendable, Equatable {
    var expression: LiquidExpression
    var filters: [LiquidFilter] = []
}

/// Read from the right as Shopify's Liquid does: `a and b or c` is `a and (b or c)`.
indirect enum LiquidCondition: Sendable, Equatable {
    case truth(LiquidExpression)
    case compare(LiquidExpression, String, LiquidExpression)
    case and(LiquidCondition, LiquidCondition)
    case or(LiquidCondition, LiquidCondition)
    case not(LiquidCondition)
}

struct LiquidLoop: Sendable, Equatable {
    var variable: String
    var collection: LiquidExpression
    var limit: LiquidExpression?
    var offset: LiquidExpression?
    var isReversed = false
    var body: [LiquidNode]
    var otherwise: [LiquidNode]
}

indirect enum LiquidNode: Sendable, Equatable {
    case text(String)
    case output(LiquidValue, line: Int)
    case choice([(LiquidCondition, [LiquidNode])], otherwise: [LiquidNode])
    case match(LiquidExpression, [([LiquidExpression], [LiquidNode])], otherwise: [LiquidNode])
    case loop(LiquidLoop, line: Int)
    case assign(String, LiquidValue)
    case capture(String, [LiquidNode])
    case leave, skip

    static func == (left: LiquidNode, right: LiquidNode) -> Bool {
        switch (left, right) {
        case (.text(let a), .text(let b)): return a == b
        case (.output(let a, _), .output(let b, _)): return a == b
        case (.choice(let a, let x), .choice(let b, let y)):
            return x == y && a.count == b.count && zip(a, b).allSatisfy { $0.0 == $1.0 && $0.1 == $1.1 }
        case (.match(let a, let p, let x), .match(let b, let q, let y)):
            return a == b && x == y && p.count == q.count && zip(p, q).allSatisfy { $0.0 == $1.0 && $0.1 == $1.1 }
        case (.loop(let a, _), .loop(let b, _)): return a == b
        case (.assign(let a, let x), .assign(let b, let y)): return a == b && x == y
        case (.capture(let a, let x), .capture(let b, let y)): return a == b && x == y
        case (.leave, .leave), (.skip, .skip): return true
        default: return false
        }
    }
}

/// One read text.
package struct LiquidText: Sendable, Equatable {
    var nodes: [LiquidNode]

    /// Throws: `LiquidError`.
    package init(_ source: String) throws {
        guard source.utf8.count <= LiquidLimits.sourceBytes else {
            throw LiquidError(.tooLong(bytes: LiquidLimits.sourceBytes), line: 1)
        }
        var parser = LiquidParser(try LiquidLexer.pieces(source))
        nodes = try parser.document()
    }
}
