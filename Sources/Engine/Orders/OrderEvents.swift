import Storage

/// What was told of one order: the person's events that name it, newest first.
package enum OrderEvents {
    private static let limit = 100
    private static let names = ["Order Completed", "Order Updated", "Order Refunded", "Order Cancelled"]
    private static let pagesMax = 5

    /// Events of the order's person by its id. `isPartial` when the analytics store could not answer.
    /// Throws: `StorageError` of the operational store.
    package static func load(
        _ order: OrderRow, _ platform: Platform
    ) async throws -> (entries: [Timeline.Entry], isPartial: Bool) {
        guard order.profileID != 0 else { return ([], false) }
        var entries: [Timeline.Entry] = []
        var cursor: String?
        for _ in 0..<pagesMax {
            let page: Timeline
            do {
                page = try await Timeline.load(
                    of: order.profileID, Timeline.Filter(names: names), cursor: cursor, limit: limit,
                    platform: platform)
            } catch is ProfileError {
                return (entries, false)
            }
            entries += page.entries.filter { names(order.orderID, in: $0.properties) }
            guard !page.isPartial else { return (entries, true) }
            guard let next = page.nextCursor else { break }
            cursor = next
        }
        return (entries, false)
    }

    private static func names(_ orderID: String, in properties: String) -> Bool {
        do throws(JSONError) {
            let document = try JSONValue(parsing: properties)
            let told = document["order_id"] ?? document["orderId"] ?? document["checkout_id"]
            return told?.stringValue == orderID || told?.intValue.map(String.init) == orderID
        } catch {
            return false
        }
    }
}
