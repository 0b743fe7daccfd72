import Storage

/// Questions to the reports of the demo brand that somebody kept for everybody, with names that both languages' readers
/// understand.
enum DemoReports {
    /// Their queries as the console keeps them: by name, encoded.
    static let all: [(name: String, query: String)] = [
        ("从看到买 · From view to purchase", "days=30&report=funnel"),
        ("按月回头 · Coming back by month", "days=180&periods=6&report=retention&step=month"),
        ("各来源的订单 · Orders by source", "by=source&days=90&event=Order%20Completed&report=explore&step=week"),
        ("新品页的点击 · Clicks on new arrivals", "days=60&page=%2Fnew&report=heatmap"),
        ("一年的销售 · A year of sales", "days=365&report=purchases&step=month"),
    ]

    /// Throws: `ViewError`, `StorageError`.
    static func install(_ connection: any SQLConnection, _ effects: Effects) throws {
        for report in all {
            _ = try SavedViews.create(
                .reports, name: report.name, query: report.query, isShared: true, by: 0, connection, effects)
        }
    }
}
