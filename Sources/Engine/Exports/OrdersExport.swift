import Storage

/// Orders as CSV, newest first.
struct OrdersExport: ExportWriter {
    let total: Int64? = nil
    private let columns: [String]
    private let filter: OrderFilter
    private let sources: [Int64: String]

    init(_ request: ExportRequest, _ connection: any SQLConnection) throws {
        columns = request.columns
        filter = OrderQuery(request.words, workspace: try Workspace.load(connection)).filter
        sources = Dictionary(
            try Sources.list(connection).map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
    }

    func piece(after place: String, _ connection: any SQLConnection) throws -> ExportJob.Piece {
        let page = try OrderList.load(
            filter, cursor: place.isEmpty ? nil : place, limit: OrderList.pageLimit, connection)
        var names: [Int64: String] = [:]
        if columns.contains("name") {
            let ids = Set(page.orders.map(\.profileID)).sorted()
            for row in try connection.query("SELECT id, display_name FROM profiles WHERE id IN (\(list: ids))") {
                names[try row.int(0)] = try row.textOrNil(1)
            }
        }
        var text = ""
        for order in page.orders {
            text += CSVText.row(columns.map { cell($0, order, names[order.profileID]) }) + "\r\n"
        }
        let count = Int64(page.orders.count)
        return ExportJob.Piece(text: text, rows: count, seen: count, next: page.nextCursor)
    }

    private func cell(_ column: String, _ order: OrderRow, _ name: String?) -> String {
        switch column {
        case "order_id": ExportText.safe(order.orderID)
        case "profile_id": order.profileID == 0 ? "" : String(order.profileID)
        case "name": ExportText.safe(name ?? "")
        case "status": order.status.rawValue
        case "ordered_at": ExportText.time(order.orderedMS)
        case "currency": order.currency
        case "gross": ExportText.money(order.gross, order.currency)
        case "refunded": ExportText.money(order.refunded, order.currency)
        case "net": ExportText.money(order.net, order.currency)
        case "pieces": String(order.quantity)
        case "store": ExportText.safe(order.store ?? "")
        case "channel": ExportText.safe(order.channel ?? "")
        default: ExportText.safe(sources[order.sourceID] ?? "")
        }
    }
}
