extension TillBill {
    /// The properties of the `Order Completed` that the sale is. Amounts are decimal numbers, written exactly.
    package func completed(_ order: String, codes: [String]) -> String {
        var members = ["\"order_id\":\(JSONText.quoted(order))", "\"currency\":\(JSONText.quoted(currency))"]
        members.append("\"revenue\":\(decimal(paid))")
        members.append("\"shipping\":\(decimal(shippingPaid))")
        members.append("\"discount\":\(decimal(discount + byPoints))")
        members.append("\"total\":\(decimal(due))")
        if let code = codes.first { members.append("\"coupon\":\(JSONText.quoted(code))") }
        if !store.isEmpty { members.append("\"store\":\(JSONText.quoted(store))") }
        if !channel.isEmpty { members.append("\"channel\":\(JSONText.quoted(channel))") }
        let products = lines.map { line in
            var own = ["\"sku\":\(JSONText.quoted(line.sku))", "\"quantity\":\(line.quantity)"]
            if !line.category.isEmpty { own.append("\"category\":\(JSONText.quoted(line.category))") }
            if !line.brand.isEmpty { own.append("\"brand\":\(JSONText.quoted(line.brand))") }
            own.append("\"price\":\(decimal(line.unitPrice))")
            own.append("\"discount\":\(decimal(line.discount + line.byPoints))")
            own.append("\"amount\":\(decimal(line.paid))")
            return "{\(own.joined(separator: ","))}"
        }
        members.append("\"products\":[\(products.joined(separator: ","))]")
        return "{\(members.joined(separator: ","))}"
    }

    /// The properties of the `Order Refunded` that a return is.
    func refunded(_ order: String, key: String, _ parts: [Part]) -> String {
        let products = parts.map { part in
            "{\"sku\":\(JSONText.quoted(part.sku)),\"quantity\":\(part.quantity),\"amount\":\(decimal(part.money))}"
        }
        let money = parts.reduce(0) { $0 + $1.money }
        return """
            {"order_id":\(JSONText.quoted(order)),"refund_id":\(JSONText.quoted("till:" + key)),\
            "currency":\(JSONText.quoted(currency)),"refund_amount":\(decimal(money)),\
            "products":[\(products.joined(separator: ","))]}
            """
    }

    static func cancelled(_ order: String) -> String { "{\"order_id\":\(JSONText.quoted(order))}" }

    private func decimal(_ minor: Int64) -> String {
        var scale: Int128 = 1
        for _ in CurrencyScale.digits(currency)..<DecimalAmount.fractionDigits { scale *= 10 }
        return DecimalAmount(nanos: Int128(minor) * scale).text
    }
}
