import Engine

/// One chart: facts and meaning, drawn by `charts.js` in the theme's colours, and readable as a table.
struct ChartModel: Encodable, Sendable {
    enum Kind: String, Sendable {
        case line, area, bar, stack, interval, funnel, heat, sankey, scatter, calendar
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
        /// The last value can still grow: the line to it is dotted.
        var isOpen: Bool = false
        /// Where the people behind each value are; nil takes the chart's own links.
        var links: [String?]?
        /// Between what each value lies, of a chart of intervals.
        var low: [Double?]?
        var high: [Double?]?
    }

    /// A dotted line across a chart whose places are numbers.
    struct Mark: Sendable {
        var name: String
        var x: Double
    }

    /// The facts as JSON for a script element.
    private(set) var facts: String
    private(set) var title: String
    private(set) var isEmpty: Bool

    private init(_ kind: Kind, title: String, unit: Unit, isEmpty: Bool, _ facts: [String: JSONValue]) {
        var object = facts
        object["kind"] = .string(kind.rawValue)
        object["title"] = .string(title)
        object["unit"] = .string(unit.rawValue)
        self.facts = JSONValue.object(object).scriptText
        self.title = title
        self.isEmpty = isEmpty
    }
}

// MARK: Series over categories

extension ChartModel {
    /// What a chart of series may have besides.
    struct Extras: Sendable {
        /// Where the people behind the mark at the same place are.
        var links: [String] = []
        /// Bars lie on their side.
        var across = false
        /// Money is given in minor units and shown in major ones: how many of them are one.
        var currencyScale = 1.0
        /// The places as numbers, for an axis on which distances are true.
        var xs: [Double] = []
        var marks: [Mark] = []
        /// Cells of a heat map carry their figures.
        var hasLabels = false
        /// Where bars begin.
        var origin = 0.0
    }

    init(
        _ kind: Kind, title: String, axis: String, unit: Unit, categories: [String], series: [Series],
        links: [String] = [], across: Bool = false, currencyScale: Double = 1
    ) {
        self.init(
            kind, title: title, axis: axis, unit: unit, categories: categories, series: series,
            Extras(links: links, across: across, currencyScale: currencyScale))
    }

    init(
        _ kind: Kind, title: String, axis: String, unit: Unit, categories: [String], series: [Series], _ extras: Extras
    ) {
        let scale = unit == .money ? extras.currencyScale : 1
        var object: [String: JSONValue] = [
            "axis": .string(axis), "categories": .array(categories.map { .string($0) }),
            "series": .array(series.map { $0.json(scale: scale) }),
        ]
        if extras.across { object["across"] = .bool(true) }
        if extras.origin != 0 { object["origin"] = .number(extras.origin) }
        if extras.hasLabels { object["labels"] = .bool(true) }
        if !extras.links.isEmpty { object["links"] = .array(extras.links.map { .string($0) }) }
        if !extras.xs.isEmpty { object["xs"] = .array(extras.xs.map { .number($0) }) }
        if !extras.marks.isEmpty {
            object["marks"] = .array(
                extras.marks.map { .object(["name": .string($0.name), "x": .number($0.x)]) })
        }
        self.init(
            kind, title: title, unit: unit,
            isEmpty: categories.isEmpty || series.allSatisfy { $0.values.allSatisfy { ($0 ?? 0) == 0 } }, object)
    }
}

extension ChartModel.Series {
    fileprivate func json(scale: Double) -> JSONValue {
        func numbers(_ values: [Double?]) -> JSONValue {
            .array(
                values.map { value in
                    guard let value, value.isFinite else { return .null }
                    return .number(value / scale)
                })
        }
        var object: [String: JSONValue] = ["name": .string(name), "values": numbers(values)]
        if let low { object["low"] = numbers(low) }
        if let high { object["high"] = numbers(high) }
        if let colour { object["colour"] = .string(colour) }
        if isBefore { object["before"] = .bool(true) }
        if isOpen { object["open"] = .bool(true) }
        if let links { object["links"] = .array(links.map { $0.map { .string($0) } ?? .null }) }
        return .object(object)
    }
}

// MARK: Flows

extension ChartModel {
    struct Node: Sendable {
        var id: String
        var name: String
        var colour: String
        var value: Double
        var href: String?
    }

    struct Flow: Sendable {
        var from: String
        var to: String
        var value: Double
        var href: String?
    }

    /// How people moved from one set of places to another.
    init(title: String, nodes: [Node], flows: [Flow]) {
        let places = nodes.map { node -> JSONValue in
            var object: [String: JSONValue] = [
                "id": .string(node.id), "name": .string(node.name), "colour": .string(node.colour),
                "value": .number(node.value),
            ]
            if let href = node.href { object["href"] = .string(href) }
            return .object(object)
        }
        let moves = flows.map { flow -> JSONValue in
            var object: [String: JSONValue] = [
                "from": .string(flow.from), "to": .string(flow.to), "value": .number(flow.value),
            ]
            if let href = flow.href { object["href"] = .string(href) }
            return .object(object)
        }
        self.init(
            .sankey, title: title, unit: .count, isEmpty: flows.isEmpty,
            ["nodes": .array(places), "flows": .array(moves)])
    }
}

// MARK: Points

extension ChartModel {
    struct Point: Sendable {
        var name: String
        var x: Double
        var y: Double
        /// Width in pixels.
        var size: Double = 10
        var colour: String?
        var href: String?
    }

    /// One axis of a scatter: what it is called and counted in.
    struct Axis: Sendable {
        var name: String
        var unit: Unit
    }

    /// Things by two measures; money is given in minor units.
    init(title: String, x: Axis, y: Axis, points: [Point], currencyScale: Double = 1) {
        func value(_ number: Double, _ axis: Axis) -> JSONValue {
            .number(axis.unit == .money ? number / currencyScale : number)
        }
        let drawn = points.map { point -> JSONValue in
            var object: [String: JSONValue] = [
                "name": .string(point.name), "x": value(point.x, x), "y": value(point.y, y),
                "size": .number(point.size),
            ]
            if let colour = point.colour { object["colour"] = .string(colour) }
            if let href = point.href { object["href"] = .string(href) }
            return .object(object)
        }
        self.init(
            .scatter, title: title, unit: y.unit, isEmpty: points.isEmpty,
            [
                "axis": .string(x.name), "xUnit": .string(x.unit.rawValue), "yAxis": .string(y.name),
                "points": .array(drawn),
            ])
    }
}
