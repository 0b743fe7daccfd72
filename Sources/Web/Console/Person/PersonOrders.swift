import Engine
import Storage

/// A person's orders, newest first.
struct PersonOrdersModel: PageModel {
    var rows: [OrderLineModel]
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
        place = [order.store, order.channel].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " · ")
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
        let list: OrderList
        do {
            list = try await request.platform.store.read {
                try OrderList.load(profileID: id, cursor: cursor, limit: rows, $0)
            }
        } catch ProfileError.notFound {
            throw PageFailure.notFound
        }
        return .panel(
            template: "person/orders",
            model: PersonOrdersModel(
                rows: list.orders.map { OrderLineModel($0, request) }, isEmpty: list.orders.isEmpty,
                next: list.nextCursor.map { "/people/\(id)/orders?cursor=" + Fields.encoded($0) }))
    }
}
