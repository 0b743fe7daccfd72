/// Reads the properties of an order event, with the names that Segment's clients and shops use.
struct OrderReader {
    private var input: OrderInput
    private var amounts: [String: DecimalAmount] = [:]

    /// The input; an empty `orderID` when the event names no order, with the violation noted.
    static func read(_ properties: String, action: OrderAction) -> OrderInput {
        var reader = OrderReader(input: OrderInput(action: action, orderID: ""))
        var text = properties
        text.withUTF8 { bytes in
            // The collector has validated the text; a broken one reads as far as it goes and lacks the rest.
            _ = Result { try reader.read(bytes) }
        }
        reader.conclude()
        return reader.input
    }

    private mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) throws {
        var scanner = JSONScanner(bytes)
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            guard let name = scanner.string(key) else { continue }
            if name == "products" || name == "items", scanner.peek() == .array {
                input.fields.lines = try lines(&scanner)
            } else {
                take(name, try scanner.value(), scanner)
            }
        }
    }

    private mutating func take(_ name: String, _ slice: JSONSlice, _ scanner: JSONScanner) {
        guard slice.kind != .null else { return }
        switch name {
        case "order_id", "orderId", "order_no", "order_number":
            if input.orderID.isEmpty, let text = word(slice, scanner) { input.orderID = text }
        case "refund_id", "refundId", "refund_no", "return_id": input.refundID = word(slice, scanner)
        case "currency", "currency_code": currency(slice, scanner)
        case "coupon", "coupon_code": input.fields.coupon = word(slice, scanner)
        case "store", "store_id", "storeId", "store_name", "shop_id", "shop":
            // `store` may be any of these; an id outweighs a name.
            if input.fields.store == nil || name.hasSuffix("id") || name.hasSuffix("Id") {
                input.fields.store = word(slice, scanner)
            }
        case "channel", "sales_channel", "order_channel": input.fields.channel = word(slice, scanner)
        case "revenue", "subtotal", "total", "value", "total_amount", "order_amount", "amount", "shipping", "tax",
            "discount", "quantity", "refund_amount", "refundAmount", "refund":
            amounts[name] = amount(name, slice, scanner)
        default: break
        }
    }

    private mutating func currency(_ slice: JSONSlice, _ scanner: JSONScanner) {
        let code = word(slice, scanner)?.uppercased() ?? ""
        let known = code == "RMB" ? "CNY" : code
        if known.utf8.count == 3, known.utf8.allSatisfy({ $0 >= 65 && $0 <= 90 }) {
            input.fields.currency = known
        } else {
            violate("currency", .wrongType, scanner.raw(slice))
        }
    }

    private mutating func conclude() {
        input.orderID = Whitespace.trim(input.orderID)
        if input.orderID.isEmpty || input.orderID.utf8.count > OrderInput.orderIDBytes {
            violate("order_id", input.orderID.isEmpty ? .missing : .tooLong, "")
            input.orderID = ""
        }
        let total =
            amounts["total"] ?? amounts["total_amount"] ?? amounts["order_amount"] ?? amounts["value"]
            ?? amounts["amount"]
        if input.action == .refunded {
            input.refundAmount =
                amounts["refund_amount"] ?? amounts["refundAmount"] ?? amounts["refund"]
                ?? amounts["amount"] ?? total ?? amounts["revenue"]
            input.refundAmount = input.refundAmount.map { $0 < .zero ? .zero - $0 : $0 }
            return
        }
        input.fields.revenue = amounts["revenue"]
        input.fields.subtotal = amounts["subtotal"]
        input.fields.total = total
        input.fields.shipping = amounts["shipping"]
        input.fields.tax = amounts["tax"]
        input.fields.discount = amounts["discount"]
        input.fields.quantity = amounts["quantity"]
        guard input.action == .completed else { return }
        if input.fields.charged == nil { violate("revenue", .missing, "") }
        for name in ["revenue", "subtotal", "total"] {
            if let amount = amounts[name], amount < .zero { violate(name, .outOfRange, amount.text) }
        }
    }

    // MARK: Lines

    private mutating func lines(_ scanner: inout JSONScanner) throws -> [OrderLine] {
        var lines: [OrderLine] = []
        try scanner.enterArray()
        while try scanner.nextElement() {
            guard scanner.peek() == .object else {
                let slice = try scanner.value()
                violate("products", .wrongType, scanner.raw(slice))
                continue
            }
            let line = try line(&scanner)
            if lines.count < OrderInput.linesLimit {
                lines.append(line)
            } else if lines.count == OrderInput.linesLimit {
                violate("products", .tooMany, "")
            }
        }
        return lines
    }

    private mutating func line(_ scanner: inout JSONScanner) throws -> OrderLine {
        var line = OrderLine()
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            let name = scanner.string(key) ?? ""
            let slice = try scanner.value()
            guard slice.kind != .null else { continue }
            switch name {
            case "product_id", "productId", "id": line.productID = word(slice, scanner)
            case "sku": line.sku = word(slice, scanner)
            case "name", "product_name", "title": line.name = word(slice, scanner)
            case "category": line.category = word(slice, scanner)
            case "brand": line.brand = word(slice, scanner)
            case "variant": line.variant = word(slice, scanner)
            case "price": line.price = amount("products.price", slice, scanner)
            case "quantity", "qty": line.quantity = amount("products.quantity", slice, scanner)
            case "discount": line.discount = amount("products.discount", slice, scanner)
            case "amount", "total", "line_total": line.amount = amount("products.amount", slice, scanner)
            default: break
            }
        }
        return line
    }

    // MARK: Scalars

    /// A text, or a number as it was written. Shortened to `textBytes`, order ids aside, which are refused instead.
    private func word(_ slice: JSONSlice, _ scanner: JSONScanner) -> String? {
        switch slice.kind {
        case .string:
            let text = Whitespace.trim(scanner.string(slice) ?? "")
            guard !text.isEmpty else { return nil }
            return text.utf8.count <= OrderInput.textBytes ? text : String(text.prefix(OrderInput.textBytes / 4))
        case .number: return scanner.raw(slice)
        default: return nil
        }
    }

    private mutating func amount(_ name: String, _ slice: JSONSlice, _ scanner: JSONScanner) -> DecimalAmount? {
        let amount: DecimalAmount?
        switch slice.kind {
        case .number: amount = DecimalAmount(scanner.raw(slice))
        case .string: amount = DecimalAmount(scanner.string(slice) ?? "", isLenient: true)
        default: amount = nil
        }
        if amount == nil { violate(name, .wrongType, scanner.raw(slice)) }
        return amount
    }

    private mutating func violate(_ property: String, _ rule: CatalogueRule, _ example: String) {
        let example = String(example.prefix(CatalogueLimits.exampleCharacters))
        input.violations.append(.init(property: property, rule: rule, example: example))
    }
}
