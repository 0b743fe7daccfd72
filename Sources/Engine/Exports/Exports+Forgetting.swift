import Storage

extension Exports {
    private static let chunkRows = 20

    /// Deletes files, asked for before an erasure, in which the erased person stands; they can be asked for anew.
    static func forget(_ context: JobContext, _ sought: SoughtValues, before time: Timestamp) async throws -> Int {
        var after: [SQLValue] = [.integer(.min), .integer(.min)]
        var deleted = 0
        while true {
            let place = after
            let (last, count) = try await context.write { connection -> ([SQLValue]?, Int) in
                let rows =
                    try connection.queryMany(
                        """
                        SELECT p.export_id, p.number, p.raw_bytes, p.content, e.request FROM export_parts p
                        JOIN exports e ON e.id = p.export_id WHERE (p.export_id, p.number) > (?, ?)
                        ORDER BY p.export_id, p.number LIMIT \(chunkRows)
                        """, [place]
                    ).first ?? []
                var found: Set<Int64> = []
                for row in rows {
                    let text = PartCompression.expanded(try row.blob(3), to: Int(try row.int(2))) ?? []
                    if try sought.isOwn(in: text) || sought.isOwn(in: row.text(4).utf8) { found.insert(try row.int(0)) }
                }
                let ids = found.sorted().map { [SQLValue.integer($0)] }
                try connection.executeMany("DELETE FROM export_parts WHERE export_id = ?", ids)
                try connection.executeMany("DELETE FROM exports WHERE id = ?", ids)
                return (rows.last.map { Array($0.values.prefix(2)) }, found.count)
            }
            deleted += count
            guard let last else { return deleted }
            after = last
        }
    }
}
