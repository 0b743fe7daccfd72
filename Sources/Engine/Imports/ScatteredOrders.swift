/// The orders of a file whose rows do not stand together, with how many rows each has; found in a pass of its own.
struct ScatteredOrders {
    private var counts: [UInt64: Int] = [:]

    init() {}

    /// The number of rows of a scattered order; nil when its rows stand together.
    func rows(of key: UInt64) -> Int? { counts[key] }

    /// FNV-1a, 64 bit (Fowler, Noll, Vo), never 0.
    static func key(_ id: ByteView) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in id { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return max(hash, 1)
    }

    /// Reads the order ids of a whole file. Throws: `ImportError`.
    static func find(in path: String, plan: ResolvedImport) throws(ImportError) -> ScatteredOrders {
        var result = ScatteredOrders()
        guard let column = try plan.bindings().first(where: { $0.field == .orderID })?.column else { return result }
        let (rows, _) = try plan.openRows(path: path)
        var seen = Occurrences()
        var previous: UInt64 = 0
        reading: while true {
            switch try rows.next() {
            case .end: break reading
            case .refused: continue
            case .record:
                let id = rows.text(column)
                let key = id.count > 0 ? ScatteredOrders.key(id) : 0
                if key != 0, key != previous, try seen.next(UInt128(key)) > 1 { result.counts[key] = 0 }
                previous = key
            }
        }
        if !result.counts.isEmpty { try result.count(in: path, plan: plan, column: column) }
        return result
    }

    private mutating func count(in path: String, plan: ResolvedImport, column: Int) throws(ImportError) {
        let (rows, _) = try plan.openRows(path: path)
        while true {
            switch try rows.next() {
            case .end: return
            case .refused: continue
            case .record:
                let id = rows.text(column)
                if id.count > 0 { counts[ScatteredOrders.key(id)]? += 1 }
            }
        }
    }
}
