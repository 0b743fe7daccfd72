/// Turns rows of purchases into `Order Completed`, with `Order Refunded` and `Order Cancelled` where a row tells so.
///
/// Rows that share an order id make one order with lines, also when other orders stand between them. A row without an
/// order id is an order by itself; its id is made from who, when, how much, and its number among equal rows, so that
/// the same purchase has the same id in every file.
struct ImportedOrders: RowInterpreter {
    private let fields: RowFields
    private let currency: String
    private let importedAt: Timestamp
    private let scattered: ScatteredOrders
    private var occurrences = Occurrences()
    private var hash = ContentHash()
    private var writer = OrderWriter()
    /// The order whose rows are being read, and those whose other rows come later.
    private var current: OpenOrder?
    private var waiting: [UInt64: OpenOrder] = [:]
    private var waitingLines = 0

    /// Throws: `ImportError` when who, when or how much is not mapped.
    init(_ plan: ResolvedImport, importedAt: Timestamp, scattered: ScatteredOrders) throws(ImportError) {
        fields = try RowFields(plan, importedAt: importedAt)
        var missing: [String] = []
        if !fields.hasIdentity { missing.append("customer") }
        if !fields.has(.time) { missing.append("time") }
        if !fields.has(.amount), !fields.has(.total), !fields.has(.price), !fields.has(.products) {
            missing.append("amount")
        }
        guard missing.isEmpty else { throw .missingFields(missing, kind: .orders, available: plan.columns) }
        currency = plan.currency
        self.importedAt = importedAt
        self.scattered = scattered
    }

    var isWaiting: Bool { current != nil || !waiting.isEmpty }

    mutating func read(
        _ rows: any RowReader, into events: inout [IncomingEvent]
    ) throws(ImportError) -> [RowRefusal] {
        let id = fields.text(.orderID, rows)
        let key = id.count > 0 ? ScatteredOrders.key(id) : 0
        var refusals: [RowRefusal] = []
        if let order = current, order.key != key || id.count == 0 {
            current = nil
            refusals += try close(order, into: &events)
        }
        let row: PurchaseRow
        do throws(FieldFault) {
            row = try PurchaseRow(rows, fields)
        } catch {
            if id.count == 0 { return refusals + [fields.refusal(error, rows)] }
            var order = try opened(key, id)
            order.refuse(fields.refusal(error, rows))
            return refusals + (try keep(order, into: &events))
        }
        guard id.count > 0 else {
            try append(OpenOrder(row: row, id: "", key: 0, line: rows.line), into: &events)
            return refusals
        }
        var order = try opened(key, id)
        order.add(row, at: rows, fields)
        return refusals + (try keep(order, into: &events))
    }

    mutating func finish(into events: inout [IncomingEvent]) throws(ImportError) -> [RowRefusal] {
        var refusals: [RowRefusal] = []
        let rest = [current].compactMap(\.self) + waiting.values.sorted { $0.firstLine < $1.firstLine }
        current = nil
        waiting = [:]
        for order in rest { refusals += try emit(order, into: &events) }
        return refusals
    }

    // MARK: Orders of several rows

    private mutating func opened(_ key: UInt64, _ id: ByteView) throws(ImportError) -> OpenOrder {
        if let order = current { return order }
        if let order = waiting.removeValue(forKey: key) {
            waitingLines -= order.rowCount
            return order
        }
        return OpenOrder(id: id.text, key: key, expectedRows: scattered.rows(of: key))
    }

    /// Goes on with an order, or lets it go once all its rows were seen.
    private mutating func keep(
        _ order: OpenOrder, into events: inout [IncomingEvent]
    ) throws(ImportError) -> [RowRefusal] {
        if let expected = order.expectedRows, order.rowCount >= expected {
            current = nil
            return try emit(order, into: &events)
        }
        current = order
        return []
    }

    /// Another order begins: a scattered one waits for its other rows, a whole one is complete.
    private mutating func close(
        _ order: OpenOrder, into events: inout [IncomingEvent]
    ) throws(ImportError) -> [RowRefusal] {
        guard order.expectedRows != nil else { return try emit(order, into: &events) }
        waitingLines += order.rowCount
        guard waitingLines <= ImportLimits.scatteredLines else {
            throw .scatteredOrders(limit: ImportLimits.scatteredLines)
        }
        waiting[order.key] = order
        return []
    }

    private mutating func emit(
        _ order: OpenOrder, into events: inout [IncomingEvent]
    ) throws(ImportError) -> [RowRefusal] {
        // One bad line spoils the order: half an order would be a wrong amount.
        guard order.refusals.isEmpty else { return order.wholeRefusal() }
        try append(order, into: &events)
        return []
    }

    // MARK: Events

    private mutating func append(_ order: OpenOrder, into events: inout [IncomingEvent]) throws(ImportError) {
        guard let first = order.rows.first else { return }
        let orderID = order.id.isEmpty ? try madeID(first) : order.id
        let properties = writer.completed(order, orderID: orderID, currency: currency)
        hash.begin("order")
        hash.add(first.claims)
        hash.add(first.time)
        hash.add(properties.utf8)
        let digest = ContentHash.text(hash.digest())
        let completed = IncomingEvent(
            kind: .track, name: "Order Completed", messageID: "import-order-" + digest, identities: first.claims,
            time: Timestamp(milliseconds: first.time), receivedAt: importedAt, properties: properties)
        events.append(completed)
        for change in writer.changes(of: order, orderID: orderID, currency: currency) {
            var event = completed
            event.name = change.name
            event.messageID = change.prefix + digest
            event.time = Timestamp(milliseconds: first.refundTime ?? first.time)
            event.properties = change.properties
            events.append(event)
        }
    }

    private mutating func madeID(_ row: PurchaseRow) throws(ImportError) -> String {
        hash.begin("purchase")
        hash.add(row.claims[0].kind.utf8)
        hash.add(row.claims[0].value.utf8)
        hash.add(row.time)
        hash.add((row.amount ?? row.total ?? ExactAmount()).text.utf8)
        hash.add((row.currency ?? currency).utf8)
        let digest = hash.digest()
        let number = try occurrences.next(digest)
        let text = ContentHash.text(digest).prefix(20)
        return number == 1 ? "import-\(text)" : "import-\(text)-\(number)"
    }
}
