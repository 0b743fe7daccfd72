/// Writes the properties of order events with the names of Segment's ecommerce spec.
struct OrderWriter {
    private var writer = JSONObjectWriter()

    /// What became of an order besides being placed.
    struct Change {
        var name: String
        var prefix: String
        var properties: String
    }

    mutating func completed(_ order: OpenOrder, orderID: String, currency: String) -> String {
        guard let first = order.rows.first else { return "{}" }
        writer.begin()
        writer.string("order_id", orderID)
        writer.amount("revenue", OrderWriter.charged(order))
        writer.string("currency", first.currency ?? currency)
        if let discount = OrderWriter.discount(order) { writer.amount("discount", discount) }
        writer.string("coupon", first.coupon)
        writer.string("store", first.store)
        writer.string("channel", first.channel)
        if let products = first.products {
            writer.raw("products", products.utf8)
        } else if order.rows.contains(where: \.isLine) {
            writer.raw("products", OrderWriter.products(order))
        } else {
            let pieces = order.rows.compactMap(\.quantity)
            if !pieces.isEmpty { writer.integer("quantity", pieces.reduce(0, +)) }
        }
        if !first.customs.isEmpty { writer.members(first.customs) }
        return writer.end()
    }

    mutating func changes(of order: OpenOrder, orderID: String, currency: String) -> [Change] {
        guard let first = order.rows.first else { return [] }
        if first.status == .cancelled {
            writer.begin()
            writer.string("order_id", orderID)
            return [Change(name: "Order Cancelled", prefix: "import-cancel-", properties: writer.end())]
        }
        var refunded = ExactAmount()
        for row in order.rows { refunded += row.refunded ?? ExactAmount() }
        if first.status == .refunded, refunded == ExactAmount() { refunded = OrderWriter.charged(order) }
        guard refunded != ExactAmount() else { return [] }
        writer.begin()
        writer.string("order_id", orderID)
        writer.string("refund_id", "import-" + orderID)
        writer.amount("refund_amount", (refunded.isNegative ? refunded.times(-1) : refunded))
        writer.string("currency", first.currency ?? currency)
        return [Change(name: "Order Refunded", prefix: "import-refund-", properties: writer.end())]
    }

    /// The total when rows name one, else the sum of the rows.
    private static func charged(_ order: OpenOrder) -> ExactAmount {
        if let total = order.rows.first?.total { return total }
        var sum = ExactAmount()
        for row in order.rows { sum += row.charged ?? ExactAmount() }
        return sum
    }

    private static func discount(_ order: OpenOrder) -> ExactAmount? {
        let discounts = order.rows.compactMap(\.discount)
        guard !discounts.isEmpty else { return nil }
        var sum = ExactAmount()
        for discount in discounts { sum += discount }
        return sum.isNegative ? sum.times(-1) : sum
    }

    private static func products(_ order: OpenOrder) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(ascii: "[")]
        var line = JSONObjectWriter()
        for (index, row) in order.rows.enumerated() {
            line.begin()
            line.string("sku", row.sku)
            line.string("name", row.product)
            line.string("category", row.category)
            let pieces = row.quantity ?? 1
            line.integer("quantity", pieces)
            if let price = row.price ?? row.amount?.divided(by: pieces) { line.amount("price", price) }
            if let amount = row.amount { line.amount("amount", amount) }
            if index > 0 { bytes.append(ASCII.comma) }
            bytes.append(contentsOf: line.end().utf8)
        }
        bytes.append(UInt8(ascii: "]"))
        return bytes
    }
}
