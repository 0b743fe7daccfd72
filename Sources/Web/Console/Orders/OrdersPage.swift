import Engine
import Storage

/// Every order, newest first.
struct OrdersModel: PageModel {
    var statuses: [Choice]
    var rows: [OrderLineModel]
    var next: String?
    var first: String?
    var isEmpty: Bool
    var isNothingFound: Bool
}

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
    var figures: [FigureModel]
    var lines: [Line]
    var hasLines: Bool
    var refunds: [Refund]
    var hasRefunds: Bool
    var isForeign: Bool
    var coupon: String?
}

enum OrdersPage {
    private static let rows = 50

    static func show(_ request: PageRequest) async throws -> Reply {
        let status = request.query["status"].flatMap(OrderStatus.init(rawValue:))
        let cursor = request.query["cursor"]
        let list: OrderList
        do {
            list = try await request.platform.store.read {
                try OrderList.load(status: status, cursor: cursor, limit: rows, $0)
            }
        } catch OrderError.badCursor {
            throw PageFailure.notFound
        }
        let isFiltered = status != nil || cursor != nil
        let chosen = request.query.text("status")
        let model = OrdersModel(
            statuses: [Choice("", request.text("order.any_status"), chosen: chosen)]
                + OrderStatus.allCases.map {
                    Choice($0.rawValue, request.text("order.status_\($0.rawValue)"), chosen: chosen)
                },
            rows: list.orders.map { OrderLineModel($0, request) },
            next: list.nextCursor.map { "/orders?" + request.query.query(changing: ["cursor": $0]) },
            first: cursor == nil ? nil : "/orders?" + request.query.query(changing: ["cursor": nil]),
            isEmpty: list.orders.isEmpty && !isFiltered, isNothingFound: list.orders.isEmpty && isFiltered)
        return .page(Page("orders/page", title: request.text("order.title"), model: model))
    }

    static func one(_ request: PageRequest) async throws -> Reply {
        let id = request.parameters["order"] ?? ""
        let detail: OrderDetail
        do {
            detail = try await request.platform.store.read { try OrderDetail.load(id, $0) }
        } catch OrderError.notFound {
            throw PageFailure.notFound
        }
        return .page(
            Page(
                "orders/one", title: request.text("order.one", ["number": id]),
                crumbs: [Crumb(request.text("order.title"), "/orders")], model: model(detail, request)))
    }

    private static func model(_ detail: OrderDetail, _ request: PageRequest) -> OrderModel {
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
            order: row,
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
