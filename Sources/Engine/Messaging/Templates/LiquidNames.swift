/// Which names a text may use: strict mode, before it is published.
package indirect enum LiquidNames: Sendable, Equatable {
    /// A value, or whatever stands below it.
    case anything
    case members([String: LiquidNames])

    /// The first name that is not known. Throws: `LiquidError.unknownName`.
    package func check(_ text: LiquidText) throws {
        guard case .members(let known) = self else { return }
        var checker = Checker(known: known)
        try checker.check(text.nodes)
    }

    private struct Checker {
        let known: [String: LiquidNames]
        /// Names that the text gives itself.
        var own: Set<String> = []

        mutating func check(_ nodes: [LiquidNode]) throws {
            for node in nodes {
                switch node {
                case .text, .leave, .skip: continue
                case .output(let value, _): try check(value)
                case .assign(let name, let value):
                    try check(value)
                    own.insert(name)
                case .capture(let name, let body):
                    try check(body)
                    own.insert(name)
                case .choice(let branches, let otherwise):
                    for (condition, body) in branches {
                        try check(condition)
                        try check(body)
                    }
                    try check(otherwise)
                case .match(let subject, let branches, let otherwise):
                    try check(subject)
                    for (values, body) in branches {
                        for value in values { try check(value) }
                        try check(body)
                    }
                    try check(otherwise)
                case .loop(let loop, _):
                    for expression in [loop.collection, loop.limit, loop.offset] {
                        if let expression { try check(expression) }
                    }
                    let outer = own
                    own.formUnion([loop.variable, "forloop"])
                    try check(loop.body)
                    own = outer.union(own.subtracting([loop.variable, "forloop"]))
                    try check(loop.otherwise)
                }
            }
        }

        private func check(_ value: LiquidValue) throws {
            try check(value.expression)
            for filter in value.filters {
                for argument in filter.arguments { try check(argument) }
                for argument in filter.named.values { try check(argument) }
            }
        }

        private func check(_ condition: LiquidCondition) throws {
            switch condition {
            case .truth(let expression): try check(expression)
            case .compare(let left, _, let right):
                try check(left)
                try check(right)
            case .and(let left, let right), .or(let left, let right):
                try check(left)
                try check(right)
            case .not(let inner): try check(inner)
            }
        }

        private func check(_ expression: LiquidExpression) throws {
            switch expression {
            case .literal, .empty, .blank: return
            case .range(let from, let to):
                try check(from)
                try check(to)
            case .path(let root, let steps, let line):
                for case .index(let index) in steps { try check(index) }
                if own.contains(root) { return }
                var names = LiquidNames.members(known)
                var path = ""
                for step in [LiquidStep.name(root)] + steps {
                    guard case .members(let members) = names, case .name(let name) = step else { return }
                    path += path.isEmpty ? name : "." + name
                    guard let next = members[name] else { throw LiquidError(.unknownName(path), line: line) }
                    names = next
                }
            }
        }
    }
}
