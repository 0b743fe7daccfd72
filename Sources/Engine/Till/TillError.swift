/// Why a till's command was refused. A refused command changes nothing.
package enum TillError: Error, Sendable, Equatable {
    case unknownPerson
    /// Points are spent by somebody who is known and a member.
    case personNeeded
    case notMember
    case key
    /// The order id stands for another sale.
    case orderReused(String)
    /// The order is known already as somebody else's.
    case orderTaken(String)
    /// It came back as a whole, or was cancelled.
    case orderClosed(String)
    case orderNotFound(String)
    case keyReused(String)
    case lineNotFound(String)
    case lineQuantity(line: String, left: Int64)
    case nothingLeft
    /// Nobody said what points of the currency are worth, or they only count.
    case noRate(currency: String)
    /// Points are worth money of the workspace alone.
    case foreignCurrency(String)
    case tooManyPoints(most: Int64)
    case worthless
    /// Nothing is reserved in a pool.
    case poolHold
    /// The catalogue does not let orders in.
    case blocked
}
