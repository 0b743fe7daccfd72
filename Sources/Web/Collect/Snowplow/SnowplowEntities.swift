import Engine

/// The name in `iglu:vendor/name/format/version`.
struct SnowplowSchema {
    var vendor: String
    var name: String

    init?(_ uri: String) {
        guard uri.hasPrefix("iglu:") else { return nil }
        let parts = uri.dropFirst("iglu:".count).split(separator: "/")
        guard parts.count == 4 else { return nil }
        (vendor, name) = (String(parts[0]), String(parts[1]))
    }
}

/// The entities that come with an event (`co`, or `cx` in base64), sorted by what they are about.
struct SnowplowEntities {
    private(set) var session: JSONValue?
    private(set) var mobile: JSONValue?
    /// Entities of the brand's own, by name; a list where a name repeats.
    private(set) var rest: [String: JSONValue] = [:]
    private var shop: [String: [JSONValue]] = [:]

    private static let entitiesMax = 100

    /// Throws: `ItemFlaw` for entities that cannot be read.
    init(_ item: JSONValue) throws(ItemFlaw) {
        guard let wrapper = try Self.json(item, plain: "co", encoded: "cx") else { return }
        for entity in (wrapper["data"]?.arrayValue ?? []).prefix(Self.entitiesMax) {
            guard let schema = entity["schema"]?.stringValue.flatMap(SnowplowSchema.init), let data = entity["data"]
            else { throw ItemFlaw(.wrongType, "An entity needs “schema” (iglu:…) and “data”.") }
            switch (schema.vendor, schema.name) {
            case ("com.snowplowanalytics.snowplow", "client_session"): session = data
            case ("com.snowplowanalytics.snowplow", "mobile_context"): mobile = data
            case ("com.snowplowanalytics.snowplow", "web_page"): break
            case ("com.snowplowanalytics.snowplow.ecommerce", let name): shop[name, default: []].append(data)
            default:
                guard let first = rest[schema.name] else {
                    rest[schema.name] = data
                    continue
                }
                rest[schema.name] = .array((first.arrayValue ?? [first]) + [data])
            }
        }
    }

    /// JSON in a field, plain or base64. Throws: `ItemFlaw`.
    static func json(_ item: JSONValue, plain: String, encoded: String) throws(ItemFlaw) -> JSONValue? {
        let bytes: [UInt8]
        if let value = item[plain], value != .null {
            guard let text = value.stringValue else { return value }
            bytes = Array(text.utf8)
        } else if let text = item[encoded]?.stringValue {
            guard let decoded = Base64.decode(text.utf8) else {
                throw ItemFlaw(.badEncoding, "“\(encoded)” is not base64.")
            }
            bytes = decoded
        } else {
            return nil
        }
        let hasNUL: Bool
        let tree: JSONValue
        do throws(JSONError) {
            let slice = try bytes.withUnsafeBufferPointer { buffer in
                Result { () throws(JSONError) in try JSONScanner.validate(buffer) }
            }.get()
            hasNUL = slice.hasNUL
            tree = try JSONValue(parsing: bytes, maximumDepth: EventLimits.depth)
        } catch {
            throw ItemFlaw(error)
        }
        if hasNUL { throw ItemFlaw(.badEncoding, "“\(plain)” holds the character U+0000.") }
        return tree
    }

    /// An event of Snowplow's e-commerce schemas under its common name; nil for actions that are nothing here.
    /// Source: Snowplow, "E-commerce", `snowplow_ecommerce_action`.
    func commerce(action: [String: JSONValue]) -> (name: String, properties: [String: JSONValue])? {
        let names = [
            "transaction": "Order Completed", "add_to_cart": "Product Added", "remove_from_cart": "Product Removed",
            "product_view": "Product Viewed", "list_view": "Product List Viewed", "list_click": "Product Clicked",
            "checkout_step": "Checkout Started", "refund": "Order Refunded", "promo_click": "Promotion Clicked",
            "promo_view": "Promotion Viewed",
        ]
        guard let type = action["type"]?.stringValue, let name = names[type] else { return nil }
        var properties = action
        properties["type"] = nil
        let facts = shop["transaction"]?.first ?? shop["refund"]?.first ?? shop["cart"]?.first ?? [:]
        let renamed = [
            "transaction_id": "order_id", "revenue": "total", "total_quantity": "quantity",
            "discount_amount": "discount", "discount_code": "coupon", "total_value": "total",
        ]
        for (key, value) in facts.objectValue ?? [:] where value != .null { properties[renamed[key] ?? key] = value }
        let products = (shop["product"] ?? []).map { product -> JSONValue in
            var members = product.objectValue ?? [:]
            if let id = members.removeValue(forKey: "id") { members["product_id"] = id }
            return .object(members)
        }
        if products.count == 1, name.hasPrefix("Product "), let only = products[0].objectValue {
            properties.merge(only) { own, _ in own }
        } else if !products.isEmpty {
            properties["products"] = .array(products)
        }
        return (name, properties)
    }
}
