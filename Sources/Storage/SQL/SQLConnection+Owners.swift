/// How rows of many owners are looked for.
private enum OwnersLook {
    /// From so many owners on a range is looked at.
    static let rangeFrom = 32
}

extension SQLConnection {
    /// The rows of each of these owners, few of whom have any; whoever has none is left out. One look at the range between
    /// the owners takes the place of one for each, unless more than `most` rows lie in it. Throws: `StorageError`.
    ///
    /// Both statements read the same columns in the same order: `range` from the first owner to the last and up to a number
    /// of rows, with the owner at `place` behind the others; `one` those of the owner in `?`.
    package func rows(
        ofEach owners: [Int64], place: Int, most: Int,
        range: (_ first: Int64, _ last: Int64, _ limit: Int) -> SQL, one: String
    ) throws -> [Int64: [SQLRow]] {
        guard !owners.isEmpty else { return [:] }
        var found: [Int64: [SQLRow]] = [:]
        if let first = owners.min(), let last = owners.max(), owners.count >= OwnersLook.rangeFrom {
            let rows = try query(range(first, last, most + 1))
            if rows.count <= most {
                let asked: Set<Int64> = rows.isEmpty ? [] : Set(owners)
                for row in rows {
                    let owner = try row.int(place)
                    if asked.contains(owner) { found[owner, default: []].append(row) }
                }
                return found
            }
        }
        let each = try queryMany(one, owners.map { [.integer($0)] })
        for (owner, rows) in zip(owners, each) where !rows.isEmpty { found[owner] = rows }
        return found
    }
}
