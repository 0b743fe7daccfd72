import Engine
import Storage

/// A person's orders, newest first.
struct PersonOrdersModel: PageModel {
    struct Row: Encodable, Sendable {
        var order: OrderLineModel
        /// What was bought: `铁观音 ×2, Mug ×1`.
        var lines: String?
    }

    var rows: [Row]
    var isEmpty: Bool
    var next: String?
}

/// One order in a list.
struct OrderLineModel: Encodable, Sendable {
    var id: String
    var href: String
    var status: String
    var tone: String
    var date: String
    var gross: String
    var refunded: String?
    var net: String
    var pieces: String
    var place: String
    var person: String?

    init(_ order: OrderRow, _ request: PageRequest) {
        let wording = request.wording
        id = order.orderID
        href = "/orders/" + Fields.encoded(order.orderID)
        status = wording.text("order.status_\(order.status.rawValue)")
        tone = OrderLineModel.tone(order.status)
        date = wording.dateTime(Timestamp(milliseconds: order.orderedMS))
        gross = wording.money(order.gross, currency: order.currency)
        refunded = order.refunded > 0 ? wording.money(order.refunded, currency: order.currency) : nil
        net = wording.money(order.net, currency: order.currency)
        pieces = wording.number(order.quantity)
        let channel = order.channel.map { request.wording.known("order.place_\($0)") ?? $0 }
        place = [order.store, channel].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " · ")
        person = order.profileID > 0 ? "/people/\(order.profileID)" : nil
    }

    static func tone(_ status: OrderStatus) -> String {
        switch status {
        case .completed: "chip-good"
        case .partiallyRefunded, .pending: "chip-warn"
        case .refunded, .cancelled: "chip-bad"
        }
    }
}

enum PersonOrders {
    private static let rows = 10

    static func show(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("person")
        let cursor = request.query["cursor"]
        let (list, details): (OrderList, [OrderDetail])
        do {
            (list, details) = try await request.platform.store.read { connection in
                let list = try OrderList.load(profileID: id, cursor: cursor, limit: rows, connection)
                return (list, try list.orders.map { try OrderDetail.load($0.orderID, connection) })
            }
        } catch ProfileError.notFound {
            throw PageFailure.notFound
        }
        return .panel(
            template: "person/orders",
            model: PersonOrdersModel(
                rows: details.map { PersonOrdersModel.Row(order: OrderLineModel($0.order, request), lines: lines($0)) },
                isEmpty: list.orders.isEmpty,
                next: list.nextCursor.map { "/people/\(id)/orders?cursor=" + Fields.encoded($0) }))
    }

    private static func lines(_ detail: OrderDetail) -> String? {
        let named = (detail.state.fields.lines ?? []).compactMap { line -> String? in
            guard let name = line.name ?? line.sku ?? line.productID else { return nil }
            return line.quantity.map { "\(name) ×\($0.text)" } ?? name
        }
        guard !named.isEmpty else { return nil }
        let shown = named.prefix(shownLines).joined(separator: ", ")
        return named.count > shownLines ? shown + " …" : shown
    }

    private static let shownLines = 6
}
