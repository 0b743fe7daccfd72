/// Which orders a list shows. Everything that is set must hold.
package struct OrderFilter: Sendable, Equatable {
    /// An id of a merged person leads to the winner.
    package var profileID: Int64?
    package var status: OrderStatus?
    package var sourceID: Int64?
    /// Half-open ranges of order time, and of the net amount in minor units of the order's currency.
    package var ordered: Range<Timestamp>?
    package var net: Range<Int64>?

    package init(
        profileID: Int64? = nil, status: OrderStatus? = nil, sourceID: Int64? = nil, ordered: Range<Timestamp>? = nil,
        net: Range<Int64>? = nil
    ) {
        self.profileID = profileID
        self.status = status
        self.sourceID = sourceID
        self.ordered = ordered
        self.net = net
    }
}

/// The filters of a list of orders as words: what an address carries, a saved view keeps and an export is asked for.
///
/// `status`, `source`, `from`, `to` (days of the workspace's calendar, both included), `net_from`, `net_to` (in the
/// workspace's currency, both included).
package struct OrderQuery: Sendable, Equatable {
    package var filter = OrderFilter()
    /// Words whose value could not be used; the filter is as if they were not there.
    package var ignored: [String] = []

    package init(_ words: [(name: String, value: String)], workspace: Workspace) {
        var given: [String: String] = [:]
        for (name, value) in words where !value.isEmpty && given[name] == nil { given[name] = value }
        var reader = QueryWords(given: given, calendar: workspace.calendar, currency: workspace.currency)
        filter.status = reader.word("status", of: OrderStatus.allCases.map(\.rawValue)).flatMap(OrderStatus.init)
        filter.sourceID = reader.number("source")
        filter.ordered = reader.days("from", "to")
        filter.net = reader.money("net_from", "net_to")
        ignored = reader.ignored
    }
}
