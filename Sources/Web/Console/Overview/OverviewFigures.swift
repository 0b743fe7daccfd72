import Engine

/// The eight figures of the overview; each says how it is counted and opens its people.
struct OverviewFigures {
    let overview: Overview
    let wording: Wording

    private var now: Overview.Figures { overview.now }
    private var before: Overview.Figures { overview.before }
    private var period: ReportPeriod { overview.period }

    var all: [FigureModel] {
        let orders = MarkAddress.href(.buyers(period), count: now.orders, of: .orders)
        return [
            count("people", \.people, .people(through: period.last)), count("new", \.new, .new(period)),
            count("identified", \.identified, .identified(through: period.last)),
            count("active", \.active, .active(period)),
            figure(
                "orders", wording.compact(now.orders), href: orders,
                change: .init(from: Double(before.orders), to: Double(now.orders), wording)),
            figure(
                "revenue", wording.moneyShort(now.revenue), href: orders,
                change: .init(from: Double(before.revenue), to: Double(now.revenue), wording)),
            figure(
                "average_order", now.averageOrder.map { wording.money($0) } ?? "–", href: orders,
                change: .init(
                    from: before.averageOrder.map(Double.init), to: now.averageOrder.map(Double.init), wording)),
            figure(
                "repurchase", now.repurchaseRate.map { wording.percent($0) } ?? "–",
                href: MarkAddress.href(.repeatBuyers(period), count: now.repeatBuyers),
                change: .init(from: before.repurchaseRate, to: now.repurchaseRate, isShare: true, wording)),
        ]
    }

    private func count(_ key: String, _ path: KeyPath<Overview.Figures, Int64>, _ mark: Mark) -> FigureModel {
        figure(
            key, wording.compact(now[keyPath: path]), href: MarkAddress.href(mark, count: now[keyPath: path]),
            change: .init(from: Double(before[keyPath: path]), to: Double(now[keyPath: path]), wording))
    }

    private func figure(_ key: String, _ value: String, href: String, change: FigureModel.Change?) -> FigureModel {
        let name = wording.text("overview.\(key)")
        return FigureModel(name, value, href: href, change: change, how: HowModel(key, name: name, wording))
    }
}
