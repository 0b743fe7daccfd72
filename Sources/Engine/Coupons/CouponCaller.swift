/// Who asks about codes: whom the history names, and where they ask from, so that guessing is counted
/// (`CouponThrottle`).
package struct CouponCaller: Sendable, Equatable, ExpressibleByStringLiteral {
    /// `key:12`, `user:3`.
    package var actor: String
    /// The network that the request came from; nil: none, it is the platform's own.
    package var network: String?

    package init(_ actor: String, network: String? = nil) {
        self.actor = actor
        self.network = network
    }

    package init(stringLiteral actor: String) {
        self.init(actor)
    }
}
