/// One row of purchases, read and checked.
struct PurchaseRow {
    var claims: [IdentityClaim]
    var time: Int64
    var amount: ExactAmount?
    var total: ExactAmount?
    var quantity: Int64?
    var price: ExactAmount?
    var discount: ExactAmount?
    var refunded: ExactAmount?
    var refundTime: Int64?
    var currency: String?
    var sku: String
    var product: String
    var category: String
    var coupon: String
    var store: String
    var channel: String
    var status: OrderStatusWord
    /// A list of products as JSON.
    var products: String?
    /// Further properties as JSON members, without braces.
    var customs: String

    /// Throws: `FieldFault` for the first field that cannot be used.
    init(_ rows: any RowReader, _ fields: RowFields) throws(FieldFault) {
        claims = try fields.claims(rows)
        guard let time = try fields.moment(.time, rows) else {
            throw FieldFault(field: .time, reason: .missing, explanation: "the row has no time")
        }
        self.time = time
        amount = try fields.exactAmount(.amount, rows)
        total = try fields.exactAmount(.total, rows)
        quantity = try fields.quantity(rows)
        price = try fields.exactAmount(.price, rows)
        discount = try fields.exactAmount(.discount, rows)
        refunded = try fields.exactAmount(.refunded, rows)
        refundTime = try fields.moment(.refundTime, rows)
        currency = try PurchaseRow.currency(fields.text(.currency, rows))
        sku = fields.text(.sku, rows).text
        product = fields.text(.product, rows).text
        category = fields.text(.category, rows).text
        coupon = fields.text(.coupon, rows).text
        store = fields.text(.store, rows).text
        channel = fields.text(.channel, rows).text
        status = try OrderStatusWord(fields.text(.status, rows))
        products = fields.json(.products, rows).flatMap { $0.first == UInt8(ascii: "[") ? $0.text : nil }
        customs = PurchaseRow.customs(rows, fields)
        try checkAmounts()
    }

    /// Whether the row tells of one product.
    var isLine: Bool { !sku.isEmpty || !product.isEmpty || price != nil }

    /// What this row alone comes to.
    var charged: ExactAmount? {
        amount ?? price.map { $0.times(quantity ?? 1) }
    }

    private func checkAmounts() throws(FieldFault) {
        guard charged != nil || total != nil || products != nil else {
            throw FieldFault(field: .amount, reason: .missing, explanation: "the row has no amount")
        }
        let amounts: [(ImportField, ExactAmount?)] = [
            (.amount, amount), (.total, total), (.price, price), (.discount, discount),
        ]
        for (field, amount) in amounts where amount?.isNegative == true && field != .discount {
            throw FieldFault(
                field: field, reason: .badAmount,
                explanation: "the amount is negative; what was given back belongs in a column mapped to refunded")
        }
    }

    private static func currency(_ cell: ByteView) throws(FieldFault) -> String? {
        guard cell.count > 0 else { return nil }
        let code = cell.text.uppercased()
        switch code {
        case "RMB", "¥", "￥", "元", "人民币": return "CNY"
        default: break
        }
        guard code.utf8.count == 3, code.utf8.allSatisfy({ UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 }) else {
            throw FieldFault(
                field: .currency, reason: .badCurrency, explanation: "“\(code)” is not a currency code such as CNY")
        }
        return code
    }

    private static func customs(_ rows: any RowReader, _ fields: RowFields) -> String {
        guard !fields.customs.isEmpty else { return "" }
        var writer = JSONObjectWriter()
        writer.begin()
        fields.writeCustoms(rows, to: &writer)
        return String(writer.end().dropFirst().dropLast())
    }
}
