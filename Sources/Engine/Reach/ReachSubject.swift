/// What reaches people and may keep some of them apart, for comparison.
package enum ReachSubject: Sendable, Equatable {
    case journey(Int64)
    case broadcast(Int64)
    case benefit(tier: String, code: String)

    /// Messages of it; nil where there are none.
    var messages: MessageList.Filter? {
        var filter = MessageList.Filter()
        switch self {
        case .journey(let id): (filter.origin, filter.originID) = ("journey", id)
        case .broadcast(let id): (filter.origin, filter.originID) = ("broadcast", id)
        case .benefit: return nil
        }
        return filter
    }
}
