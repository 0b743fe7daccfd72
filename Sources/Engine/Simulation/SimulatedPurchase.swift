/// An order of a simulated shop, as the shop knows it: what was bought, and how many pieces of it came back.
struct SimulatedPurchase {
    struct Line {
        var sku: String
        var category: String
        /// Minor units.
        var price: Int64
        var quantity: Int64
        var returned: Int64 = 0
    }

    var id: String
    var member: Int
    var store: String
    var lines: [Line]
    var returns = 0
    var isCancelled = false
    /// Events of it that have not arrived yet.
    var underway = 0

    var isBack: Bool { isCancelled || lines.allSatisfy { $0.returned == $0.quantity } }

    /// `Order Completed`'s properties.
    var told: String {
        let sum = lines.reduce(0) { $0 + $1.price * $1.quantity }
        return JSONValue.object([
            "order_id": .string(id), "store": .string(store), "revenue": Self.amount(sum),
            "products": .array(lines.map { Self.product($0, $0.quantity) }),
        ]).text()
    }

    /// `Order Refunded`'s properties, for pieces by line.
    func told(back pieces: [Int64], _ refund: String) -> String {
        let back = zip(lines, pieces).filter { $0.1 > 0 }
        return JSONValue.object([
            "order_id": .string(id), "refund_id": .string(refund),
            "refund_amount": Self.amount(back.reduce(0) { $0 + $1.0.price * $1.1 }),
            "products": .array(back.map { Self.product($0.0, $0.1) }),
        ]).text()
    }

    private static func product(_ line: Line, _ quantity: Int64) -> JSONValue {
        [
            "sku": .string(line.sku), "category": .string(line.category), "price": amount(line.price),
            "quantity": .integer(quantity),
        ]
    }

    /// As text, so that no fraction is lost.
    private static func amount(_ minor: Int64) -> JSONValue {
        .string("\(minor / 100).\(minor % 100 < 10 ? "0" : "")\(minor % 100)")
    }
}
