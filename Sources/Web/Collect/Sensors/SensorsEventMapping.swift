import Engine
import Storage

/// Which Sensors events are events that Perennial knows by another name, by rule.
///
/// Kept under the settings name `sensors_mapping`; until it is saved the standard rules hold. A rule renames the event
/// and the listed properties; everything else passes unchanged.
package struct SensorsEventMapping: Sendable, Hashable {
    package struct Rule: Codable, Sendable, Hashable {
        package var from: String
        package var to: String
        /// New names of properties, by their Sensors name.
        package var properties: [String: String]

        package init(_ from: String, _ to: String, properties: [String: String] = [:]) {
            self.from = from
            self.to = to
            self.properties = properties
        }
    }

    package var rules: [Rule] {
        didSet { index = Self.index(rules) }
    }
    private var index: [String: Rule]

    package init(rules: [Rule]) {
        self.rules = rules
        index = Self.index(rules)
    }

    package func rule(for event: String) -> Rule? { index[event] }

    /// The saved rules, or the standard ones. Throws: `StorageError`.
    package static func load(_ connection: any SQLConnection) throws -> SensorsEventMapping {
        guard let rules = try Settings.load([Rule].self, "sensors_mapping", connection) else { return .standard }
        return SensorsEventMapping(rules: rules)
    }

    package func save(_ connection: any SQLConnection, at now: Timestamp) throws {
        try Settings.save(rules, "sensors_mapping", connection, at: now)
    }

    private static func index(_ rules: [Rule]) -> [String: Rule] {
        Dictionary(rules.map { ($0.from, $0) }, uniquingKeysWith: { _, last in last })
    }

    /// Preset events of the Sensors SDKs, and the events of their e-commerce tracking plan under Segment's names.
    package static let standard: SensorsEventMapping = {
        let order = [
            "OrderID": "order_id", "orderID": "order_id", "orderId": "order_id", "order_amount": "total",
            "OrderTotalPrice": "total", "orderAmount": "total", "total_price_of_commodity": "total",
            "actual_amount": "total", "allowance_amount": "discount", "order_actual_amount": "total",
            "PaymentMethod": "payment_method", "store_name": "store",
        ]
        let product = [
            "commodity_id": "product_id", "commodityID": "product_id", "commodity_name": "name",
            "commodityName": "name", "commodity_price": "price", "present_price": "price", "ProductID": "product_id",
            "ProductName": "name", "ProductPrice": "price", "commodity_quantity": "quantity",
            "first_commodity": "category",
        ]
        return SensorsEventMapping(rules: [
            Rule("$AppStart", "Application Opened"), Rule("$MPLaunch", "Application Opened"),
            Rule("$AppEnd", "Application Backgrounded"), Rule("$MPHide", "Application Backgrounded"),
            Rule("$AppInstall", "Application Installed"), Rule("$AppClick", "Element Clicked"),
            Rule("$WebClick", "Element Clicked"), Rule("$MPClick", "Element Clicked"), Rule("$WebStay", "Page Stayed"),
            Rule("PayOrder", "Order Completed", properties: order),
            Rule("payOrder", "Order Completed", properties: order),
            Rule("CancelPayOrder", "Order Cancelled", properties: order),
            Rule("ReturnOrder", "Order Refunded", properties: order),
            Rule("RefundOrder", "Order Refunded", properties: order),
            Rule("CommodityDetail", "Product Viewed", properties: product),
            Rule("AddToShoppingCart", "Product Added", properties: product),
            Rule("SubmitOrder", "Checkout Started", properties: order),
        ])
    }()
}
