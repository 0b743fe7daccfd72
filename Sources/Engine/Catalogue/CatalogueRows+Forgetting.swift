import Storage

extension CatalogueRows {
    private static let chunkRows = 500
    /// Table, and the columns that name a row of it.
    private static let examples: [(table: String, key: [String])] = [
        ("catalogue_events", ["name"]), ("catalogue_fields", ["owner", "name"]),
        ("catalogue_violations", ["owner", "name", "rule"]),
    ]

    /// Takes away every example that shows a value of an erased person.
    static func forget(_ context: JobContext, _ sought: SoughtValues, before time: Timestamp) async throws -> Int {
        var wiped = 0
        for (table, key) in examples {
            var after = [SQLValue](repeating: .text(""), count: key.count)
            while true {
                let place = after
                let (last, count) = try await context.write { connection -> ([SQLValue]?, Int) in
                    let names = key.joined(separator: ", ")
                    let marks = key.map { _ in "?" }.joined(separator: ", ")
                    let rows =
                        try connection.queryMany(
                            "SELECT \(names), example FROM \(table) WHERE (\(names)) > (\(marks)) "
                                + "ORDER BY \(names) LIMIT \(chunkRows)", [place]
                        ).first ?? []
                    let found = try rows.filter { sought.isAny(in: try $0.text(key.count)) }
                    try connection.executeMany(
                        "UPDATE \(table) SET example = '' WHERE " + key.map { "\($0) = ?" }.joined(separator: " AND "),
                        found.map { Array($0.values.prefix(key.count)) })
                    return (rows.last.map { Array($0.values.prefix(key.count)) }, found.count)
                }
                wiped += count
                guard let last else { break }
                after = last
            }
        }
        return wiped
    }
}
