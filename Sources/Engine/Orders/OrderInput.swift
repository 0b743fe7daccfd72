/// What an event does to an order. Names as in Segment's Spec, V2 Ecommerce Events, upper and lower case alike.
package enum OrderAction: String, Sendable, CaseIterable {
    case completed = "order completed"
    case updated = "order updated"
    case refunded = "order refunded"
    case cancelled = "order cancelled"

    /// The action of an event of that name; nil for every other event.
    package static func of(eventName name: String) -> OrderAction? {
        let bytes = name.utf8
        // "Order " and a verb: nothing else is worth lower-casing.
        guard (13...16).contains(bytes.count), let first = bytes.first, first | 0x20 == UInt8(ascii: "o") else {
            return nil
        }
        let word = name.lowercased()
        return OrderAction(rawValue: word) ?? (word == "order canceled" ? .cancelled : nil)
    }
}

/// The properties of an order event, read exactly: amounts are taken from the text of the JSON, never from a double.
package struct OrderInput: Sendable, Equatable {
    package var action: OrderAction
    package var orderID: String
    package var fields = OrderFields()
    package var refundID: String?
    package var refundAmount: DecimalAmount?
    /// Properties that are there and cannot be used, and required ones that are missing.
    package var violations: [Violation] = []

    package struct Violation: Sendable, Equatable {
        package var property: String
        package var rule: CatalogueRule
        package var example: String
    }

    /// Characters of an order id.
    static let orderIDBytes = 200
    /// Lines of one order.
    static let linesLimit = 500
    static let textBytes = 500

    init(action: OrderAction, orderID: String) {
        self.action = action
        self.orderID = orderID
    }
}
