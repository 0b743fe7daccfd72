import Storage

/// Everything about one order.
package struct OrderDetail: Sendable, Equatable {
    package var order: OrderRow
    package var state: OrderState
    /// In another currency than the workspace's: kept, and not counted in spend.
    package var isForeign: Bool

    /// Throws: `OrderError.notFound`, `StorageError`.
    package static func load(_ orderID: String, _ connection: any SQLConnection) throws -> OrderDetail {
        let row = try connection.first(
            "SELECT \(raw: OrderRow.columns), state FROM orders WHERE order_id = \(orderID)")
        guard let row else { throw OrderError.notFound(orderID) }
        let order = try OrderRow(row)
        return OrderDetail(
            order: order, state: try OrderState(parsing: try row.text(15)),
            isForeign: order.currency != (try Workspace.load(connection)).currency)
    }
}
