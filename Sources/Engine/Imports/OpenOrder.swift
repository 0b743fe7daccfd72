/// The rows of one order that have been read so far.
struct OpenOrder {
    /// Empty for a row without an order id.
    let id: String
    let key: UInt64
    /// How many rows the file has for it when they are scattered; nil when they stand together.
    let expectedRows: Int?
    private(set) var rows: [PurchaseRow] = []
    private(set) var refusals: [RowRefusal] = []
    /// Where each row stands, to refuse it with its order.
    private var places: [(line: Int, text: String)] = []
    private(set) var firstLine = 0

    init(id: String, key: UInt64, expectedRows: Int?) {
        self.id = id
        self.key = key
        self.expectedRows = expectedRows
    }

    init(row: PurchaseRow, id: String, key: UInt64, line: Int) {
        self.init(id: id, key: key, expectedRows: nil)
        rows = [row]
        firstLine = line
    }

    var rowCount: Int { rows.count + refusals.count }

    mutating func refuse(_ refusal: RowRefusal) {
        if rowCount == 0 { firstLine = refusal.line }
        refusals.append(refusal)
    }

    /// Adds one more row; one that contradicts the first is refused.
    mutating func add(_ row: PurchaseRow, at reader: any RowReader, _ fields: RowFields) {
        if rowCount == 0 { firstLine = reader.line }
        if let fault = contradiction(of: row) {
            refusals.append(fields.refusal(fault, reader))
            return
        }
        rows.append(row)
        places.append((reader.line, reader.rawText))
    }

    private func contradiction(of row: PurchaseRow) -> FieldFault? {
        guard let first = rows.first else { return nil }
        if rows.count >= ImportLimits.orderLines {
            return FieldFault(
                field: .orderID, reason: .tooManyLines,
                explanation: "the order has more than \(ImportLimits.orderLines) rows")
        }
        if first.claims != row.claims {
            return FieldFault(
                field: .orderID, reason: .conflictingLines,
                explanation: "rows of the order \(id) name different customers")
        }
        if first.total != row.total {
            return FieldFault(
                field: .total, reason: .conflictingLines, explanation: "rows of the order \(id) have different totals")
        }
        return nil
    }

    /// The faults of an order's bad rows, and that its good rows go with them.
    func wholeRefusal() -> [RowRefusal] {
        let line = refusals.first?.line ?? 0
        let others = places.map { place in
            RowRefusal(
                line: place.line, column: "", reason: .conflictingLines,
                explanation: "another row of the order \(id) was refused (line \(line))", row: place.text)
        }
        return (refusals + others).sorted { $0.line < $1.line }
    }
}
