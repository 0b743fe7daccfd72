/// One product of an order or of a refund, as the client wrote it.
package struct OrderLine: Sendable, Equatable {
    package var productID: String?
    package var sku: String?
    package var name: String?
    package var category: String?
    package var brand: String?
    package var variant: String?
    package var price: DecimalAmount?
    package var quantity: DecimalAmount?
    /// Taken off the whole line.
    package var discount: DecimalAmount?
    /// What the whole line comes to, when the client says so.
    package var amount: DecimalAmount?

    package init() {}

    /// What a refund's line and an order's line have in common.
    package var key: String? {
        productID ?? sku ?? name
    }

    /// What the line comes to: its amount, else price × quantity less discount. Nil without a price.
    package var total: DecimalAmount? {
        if let amount { return amount }
        guard let price, let gross = price.multiplied(by: quantity ?? DecimalAmount(1)) else { return nil }
        return max(gross - (discount ?? .zero), .zero)
    }
}
