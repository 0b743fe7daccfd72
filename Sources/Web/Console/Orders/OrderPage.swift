import Engine
import Storage

/// One order with its lines and refunds.
struct OrderModel: PageModel {
    struct Line: Encodable, Sendable {
        var name: String
        var detail: String
        var quantity: String
        var price: String
        var total: String
    }

    struct Refund: Encodable, Sendable {
        var time: String
        var amount: String
        var lines: String
    }

    var order: OrderLineModel
    var number: String
    var person: String?
    var figures: [FigureModel]
    var lines: [Line]
    var hasLines: Bool
    var refunds: [Refund]
    var hasRefunds: Bool
    var isForeign: Bool
    var coupon: String?
}

/// What was told of the order, newest first.
struct OrderEventsModel: PageModel {
    struct Moment: Encodable, Sendable {
        var name: String
        var time: String
        var source: String
        var message: String
        var href: String
        var properties: String
    }

    var moments: [Moment]
    var isEmpty: Bool
    var isPartial: Bool
}

enum OrderPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let detail = try await detail(request)
        let person = try await person(detail.order.profileID, request)
        let id = detail.order.orderID
        return .page(
            Page(
                "orders/one", title: request.text("order.one", ["number": id]),
                crumbs: [Crumb(request.text("order.title"), "/orders")], model: model(detail, person, request)))
    }

    /// The events behind the order; a panel.
    static func events(_ request: PageRequest) async throws -> Reply {
        let order = try await detail(request).order
        let (entries, isPartial) = try await OrderEvents.load(order, request.platform)
        let sources = try await request.platform.store.read { try Sources.list($0) }
        let wording = request.wording
        let moments = entries.map { entry in
            OrderEventsModel.Moment(
                name: wording.event(entry.name),
                time: wording.dateTime(Timestamp(milliseconds: entry.timeMS)),
                source: sources.first { $0.id == entry.sourceID }?.name ?? wording.text("frame.none"),
                message: entry.messageID, href: "/live?message=" + Fields.encoded(entry.messageID),
                properties: entry.properties)
        }
        return .panel(
            template: "orders/events",
            model: OrderEventsModel(moments: moments, isEmpty: moments.isEmpty, isPartial: isPartial))
    }

    private static func detail(_ request: PageRequest) async throws -> OrderDetail {
        let id = request.parameters["order"] ?? ""
        do {
            return try await request.platform.store.read { try OrderDetail.load(id, $0) }
        } catch OrderError.notFound {
            throw PageFailure.notFound
        }
    }

    private static func person(_ id: Int64, _ request: PageRequest) async throws -> String? {
        guard id != 0, request.user.role.may(.readPeople) else { return nil }
        do {
            let profile = try await request.platform.store.read { try ProfileDetail.load(id, $0) }.profile
            return PersonName(profile, request.wording).text
        } catch ProfileError.notFound {
            return nil
        }
    }

    private static func model(_ detail: OrderDetail, _ person: String?, _ request: PageRequest) -> OrderModel {
        let wording = request.wording
        let order = detail.order
        func money(_ amount: DecimalAmount?) -> String {
            amount.map {
                wording.money(
                    $0.minorUnits(digits: CurrencyScale.digits(order.currency)), currency: order.currency)
            } ?? wording.text("frame.none")
        }
        let lines = (detail.state.fields.lines ?? []).map { line in
            OrderModel.Line(
                name: line.name ?? line.sku ?? line.productID ?? wording.text("order.unnamed"),
                detail: [line.sku, line.category, line.variant].compactMap { $0 }.joined(separator: " · "),
                quantity: line.quantity.map(\.text) ?? "1", price: money(line.price), total: money(line.total))
        }
        let refunds = detail.state.refunds.values.sorted { $0.version < $1.version }.map { refund in
            OrderModel.Refund(
                time: wording.dateTime(Timestamp(milliseconds: refund.version.ms)),
                amount: refund.amount.map { money($0) } ?? wording.text("order.by_lines"),
                lines: refund.lines.compactMap { $0.name ?? $0.sku ?? $0.productID }.joined(separator: ", "))
        }
        let row = OrderLineModel(order, request)
        return OrderModel(
            order: row, number: Fields.encoded(order.orderID), person: person,
            figures: [
                FigureModel(wording.text("order.gross"), row.gross),
                FigureModel(wording.text("order.refunded"), wording.money(order.refunded, currency: order.currency)),
                FigureModel(wording.text("order.net"), row.net),
                FigureModel(wording.text("order.pieces"), row.pieces),
            ],
            lines: lines, hasLines: !lines.isEmpty, refunds: refunds, hasRefunds: !refunds.isEmpty,
            isForeign: detail.isForeign, coupon: detail.state.fields.coupon)
    }
}
