import Engine

/// One chart: facts and meaning, drawn by `charts.js` with the theme's colours, and readable as a table.
struct ChartModel: Encodable, Sendable {
    enum Kind: String, Sendable {
        case line, area, bar, stack, share, heat, sankey
    }

    enum Unit: String, Sendable {
        case count, decimal, percent, money
    }

    struct Series: Sendable {
        var name: String
        var values: [Double?]
        /// A colour token without its dashes: `stage-growth`; nil takes the next of the palette.
        var colour: String?
        /// The period before, drawn dashed.
        var isBefore: Bool = false
    }

    /// The facts as JSON for a script element.
    var facts: String
    var title: String
    var isEmpty: Bool

    /// A chart of series over categories. `links` opens the people behind the mark at the same place.
    /// Money is given in minor units and shown in major ones.
    init(
        _ kind: Kind, title: String, axis: String, unit: Unit, categories: [String], series: [Series],
        links: [String] = [], across: Bool = false, currencyScale: Double = 1
    ) {
        let drawn = series.map { one -> JSONValue in
            var object: [String: JSONValue] = [
                "name": .string(one.name),
                "values": .array(
                    one.values.map { value in
                        guard let value, value.isFinite else { return .null }
                        return .number(unit == .money ? value / currencyScale : value)
                    }),
            ]
            if let colour = one.colour { object["colour"] = .string(colour) }
            if one.isBefore { object["before"] = .bool(true) }
            return .object(object)
        }
        var object: [String: JSONValue] = [
            "kind": .string(kind.rawValue), "title": .string(title), "axis": .string(axis),
            "unit": .string(unit.rawValue), "categories": .array(categories.map { .string($0) }),
            "series": .array(drawn),
        ]
        if across { object["across"] = .bool(true) }
        if !links.isEmpty { object["links"] = .array(links.map { .string($0) }) }
        facts = JSONValue.object(object).scriptText
        self.title = title
        isEmpty = categories.isEmpty || series.allSatisfy { $0.values.allSatisfy { ($0 ?? 0) == 0 } }
    }

    struct Node: Sendable {
        var id: String
        var name: String
        var colour: String
        var value: Double
    }

    struct Flow: Sendable {
        var from: String
        var to: String
        var value: Double
        var href: String?
    }

    /// How people moved from one set of places to another.
    init(title: String, nodes: [Node], flows: [Flow]) {
        let places = nodes.map { node in
            JSONValue.object([
                "id": .string(node.id), "name": .string(node.name), "colour": .string(node.colour),
                "value": .number(node.value),
            ])
        }
        let moves = flows.map { flow -> JSONValue in
            var object: [String: JSONValue] = [
                "from": .string(flow.from), "to": .string(flow.to), "value": .number(flow.value),
            ]
            if let href = flow.href { object["href"] = .string(href) }
            return .object(object)
        }
        facts =
            JSONValue.object([
                "kind": .string(Kind.sankey.rawValue), "title": .string(title), "unit": .string(Unit.count.rawValue),
                "nodes": .array(places), "flows": .array(moves),
            ]).scriptText
        self.title = title
        isEmpty = flows.isEmpty
    }
}
