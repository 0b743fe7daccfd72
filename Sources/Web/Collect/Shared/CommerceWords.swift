import Engine

/// Gives the events of shops their common names (Segment, "V2 Ecommerce Events"), for dialects without names of their
/// own for them: teams write `purchase`, `Order Placed` or GA4's `add_to_cart`, and orders, stages and RFM must work.
///
/// A name is recognised whatever its case, spaces, dots and underscores. Only then are properties renamed too, and a
/// purchase without an order number gets one made of the event's id, so that every purchase counts, once.
enum CommerceWords {
    static let orderCompleted = "Order Completed"

    private static let names: [String: String] = {
        let table: [String: [String]] = [
            orderCompleted: [
                "ordercompleted", "orderplaced", "orderpaid", "purchase", "purchased", "purchasecompleted",
                "completedpurchase", "completepurchase", "checkoutcompleted", "completedorder", "ecommercepurchase",
                "transaction", "payorder", "orderdone", "placeorder",
            ],
            "Order Updated": ["orderupdated"],
            "Order Refunded": ["orderrefunded", "refund", "refunded", "purchaserefunded", "orderreturned"],
            "Order Cancelled": ["ordercancelled", "ordercanceled", "cancelorder"],
            "Product Added": ["productadded", "addtocart", "addedtocart", "additemtocart", "cartadd"],
            "Product Removed": ["productremoved", "removefromcart", "removedfromcart"],
            "Product Viewed": ["productviewed", "viewitem", "viewedproduct", "productview", "viewproduct"],
            "Product List Viewed": ["productlistviewed", "viewitemlist", "listview"],
            "Product Clicked": ["productclicked", "selectitem"],
            "Products Searched": ["productssearched", "searchproducts", "viewsearchresults"],
            "Product Added to Wishlist": ["productaddedtowishlist", "addtowishlist"],
            "Cart Viewed": ["cartviewed", "viewcart"],
            "Checkout Started": ["checkoutstarted", "begincheckout", "startcheckout", "initiatecheckout"],
            "Payment Info Entered": ["paymentinfoentered", "addpaymentinfo"],
            "Coupon Applied": ["couponapplied"],
        ]
        return Dictionary(uniqueKeysWithValues: table.flatMap { name, words in words.map { ($0, name) } })
    }()

    private static let orderProperties = [
        "transaction_id": "order_id", "orderId": "order_id", "order_number": "order_id", "items": "products",
        "$amount": "total", "amount": "total", "value": "total", "coupon_code": "coupon",
    ]
    private static let productProperties = [
        "item_id": "product_id", "item_name": "name", "item_category": "category", "item_brand": "brand",
        "item_variant": "variant", "productId": "product_id",
    ]

    /// The common name; nil for events that are nothing of a shop.
    static func name(of event: String) -> String? {
        guard event.utf8.count <= CollectLimits.nameCharacters else { return nil }
        let letters = event.utf8.filter { $0 > 0x7F || isLetter($0) }.map { isLetter($0) ? $0 | 0x20 : $0 }
        return names[String(decoding: letters, as: UTF8.self)]
    }

    /// The event under its common name with common properties; as it came when it is nothing of a shop.
    static func standard(
        _ event: String, _ properties: [String: JSONValue], id: String
    ) -> (name: String, properties: [String: JSONValue]) {
        guard let name = name(of: event) else { return (event, properties) }
        let isOrder = name.hasPrefix("Order ")
        var renamed = rename(
            properties,
            isOrder ? orderProperties : productProperties.merging(["items": "products"]) { first, _ in first })
        if let products = renamed["products"]?.arrayValue {
            renamed["products"] = .array(
                products.map { product in
                    product.objectValue.map { .object(rename($0, productProperties)) } ?? product
                })
        }
        if name == orderCompleted, renamed["order_id"] == nil, !id.isEmpty,
            renamed["total"] != nil || renamed["revenue"] != nil
        {
            renamed["order_id"] = .string(id)
        }
        return (name, renamed)
    }

    /// A name that is there already is not overwritten.
    private static func rename(_ members: [String: JSONValue], _ names: [String: String]) -> [String: JSONValue] {
        var renamed: [String: JSONValue] = [:]
        for (name, value) in members {
            let new = names[name] ?? name
            if new == name || members[new] == nil { renamed[new] = value } else { renamed[name] = value }
        }
        return renamed
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
    }
}
