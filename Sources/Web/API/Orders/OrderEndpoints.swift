import Engine

/// Orders, as they stand after everything that was told of them.
enum OrderEndpoints {
    private static let tag = "Orders"
    private static let statuses = OrderStatus.allCases.map(\.rawValue)

    private static let fields = [
        APIField("order_id", .string()), APIField("profile_id", .nullable(.id), "null: of a person who was erased."),
        APIField("source_id", .nullable(.id)), APIField("status", .words(statuses)),
        APIField("ordered_at", .timestamp), APIField("currency", .string()),
        APIField("gross", .integer(), "Minor units, after discount."), APIField("refunded", .integer()),
        APIField("net", .integer()), APIField("net_workspace", .integer(), "What counts in spend."),
        APIField("line_count", .integer()), APIField("quantity", .integer()), APIField("store", .nullable(.string())),
        APIField("channel", .nullable(.string())), APIField("updated_at", .timestamp),
    ]
    private static let order = APISchema.named("Order", .object(fields))
    private static let line = APISchema.named(
        "OrderLine",
        .object([
            APIField("product_id", .nullable(.string())), APIField("sku", .nullable(.string())),
            APIField("name", .nullable(.string())), APIField("category", .nullable(.string())),
            APIField("brand", .nullable(.string())), APIField("variant", .nullable(.string())),
            APIField("price", .nullable(.string()), "Decimal, as told."),
            APIField("quantity", .nullable(.string())), APIField("discount", .nullable(.string())),
            APIField("amount", .nullable(.string())),
        ]))
    private static let detail = APISchema.named(
        "OrderDetail",
        .object(
            fields + [
                APIField("lines", .array(line)), APIField("coupon", .nullable(.string())),
                APIField(
                    "refunds",
                    .array(
                        .object([
                            APIField("key", .string()), APIField("amount", .nullable(.string())),
                            APIField("lines", .array(line)),
                        ]))),
                APIField("is_foreign", .boolean, "In another currency than the workspace's; not counted in spend."),
            ]))

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/orders", "listOrders", tag: tag, "Orders, newest first.", access: .scope(.ordersRead),
            parameters: APIParameter.paging + [
                .query("profile_id", .id), .query("status", .words(statuses)), .query("source_id", .id),
                .query("from", .timestamp), .query("to", .timestamp, "Not included."),
                .query("net_from", .integer(), "In minor units of the order's currency."),
                .query("net_to", .integer(), "Not included."),
            ], response: .page(of: order), handler: list),
        APIRoute(
            .get, "/api/v1/orders/{order_id}", "getOrder", tag: tag, "One order with its lines and refunds.",
            access: .scope(.ordersRead), parameters: [.path("order_id", .string(min: 1, max: 255))], response: detail,
            handler: get),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (low, high) = (request.int("net_from") ?? .min, request.int("net_to") ?? .max)
        let filter = OrderFilter(
            profileID: request.string("profile_id").flatMap { Int64($0) },
            status: request.string("status").flatMap(OrderStatus.init(rawValue:)),
            sourceID: request.string("source_id").flatMap { Int64($0) },
            ordered: request.timeRange(from: "from", to: "to"),
            net: low == .min && high == .max ? nil : low..<max(low, high))
        let (cursor, limit) = (try request.cursorText(), request.limit)
        let page = try await context.platform.store.read {
            try OrderList.load(filter, cursor: cursor, limit: limit, $0)
        }
        return APIResponse(page: page.orders, cursor: page.nextCursor) { .object(json($0)) }
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = request.string("order_id") ?? ""
        let detail = try await context.platform.store.read { try OrderDetail.load(id, $0) }
        let facts = detail.state.fields
        var members = json(detail.order)
        members["lines"] = .array((facts.lines ?? []).map(json))
        members["coupon"] = JSONValue(facts.coupon)
        members["is_foreign"] = .bool(detail.isForeign)
        members["refunds"] = .array(
            detail.state.refunds.sorted { $0.key < $1.key }.map { key, refund in
                [
                    "key": .string(key), "amount": JSONValue(refund.amount?.text),
                    "lines": .array(refund.lines.map(json)),
                ]
            })
        return APIResponse(.object(members))
    }

    private static func json(_ order: OrderRow) -> [String: JSONValue] {
        [
            "order_id": .string(order.orderID), "profile_id": JSONValue(optionalID: order.profileID),
            "source_id": JSONValue(optionalID: order.sourceID), "status": .string(order.status.rawValue),
            "ordered_at": JSONValue(milliseconds: order.orderedMS), "currency": .string(order.currency),
            "gross": .integer(order.gross), "refunded": .integer(order.refunded), "net": .integer(order.net),
            "net_workspace": .integer(order.netWorkspace), "line_count": .integer(order.lineCount),
            "quantity": .integer(order.quantity), "store": JSONValue(order.store), "channel": JSONValue(order.channel),
            "updated_at": JSONValue(milliseconds: order.updatedMS),
        ]
    }

    private static func json(_ line: OrderLine) -> JSONValue {
        [
            "product_id": JSONValue(line.productID), "sku": JSONValue(line.sku), "name": JSONValue(line.name),
            "category": JSONValue(line.category), "brand": JSONValue(line.brand), "variant": JSONValue(line.variant),
            "price": JSONValue(line.price?.text), "quantity": JSONValue(line.quantity?.text),
            "discount": JSONValue(line.discount?.text), "amount": JSONValue(line.amount?.text),
        ]
    }
}
