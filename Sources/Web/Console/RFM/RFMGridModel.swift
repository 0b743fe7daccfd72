import Engine

/// The 5×5 grid of recency and frequency: the best people stand top right.
struct RFMGridModel: Encodable, Sendable {
    struct Row: Encodable, Sendable {
        var frequency: String
        var cells: [Cell]
    }

    struct Cell: Encodable, Sendable {
        var people: String
        var share: String
        var revenue: String
        /// 0…6, for the colour.
        var heat: String
        var href: String
        var label: String
    }

    var rows: [Row]

    init(rows: [Row]) {
        self.rows = rows
    }

    init(_ report: RFMReport, _ wording: Wording) {
        let largest = Double(report.grid.map(\.people).max() ?? 0)
        rows = stride(from: 5, through: 1, by: -1).map { frequency in
            Row(
                frequency: String(frequency),
                cells: report.grid.filter { $0.frequency == frequency }.sorted { $0.recency < $1.recency }.map { cell in
                    // The square root spreads the many small cells over the colours.
                    let heat = largest > 0 ? Int((Double(cell.people) / largest).squareRoot() * 6 + 0.5) : 0
                    let share = wording.percent(Double(cell.people) / Double(max(report.people, 1)))
                    return Cell(
                        people: wording.compact(Int64(cell.people)), share: share,
                        revenue: wording.moneyShort(cell.revenue), heat: String(heat),
                        href: report.href(recency: cell.recency, frequency: cell.frequency, count: cell.people) ?? "",
                        label: wording.text(
                            "rfm.cell",
                            [
                                "recency": String(cell.recency), "frequency": String(cell.frequency),
                                "share": share, "revenue": wording.moneyShort(cell.revenue),
                            ], count: Int64(cell.people)))
                })
        }
    }
}
