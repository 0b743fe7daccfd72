/// Something one person does at one time, small enough to hold all of them: what it says is drawn from `draw` when it
/// is written.
struct DemoMoment {
    enum Act: UInt8 {
        case page, list, product, search, cart, checkout, order, refund, cancel, identify, consent, article, scan,
            review
        case share, profile
        /// On recorded pages: see `DemoVisits`.
        case session, seen, click, dwell, code
    }

    /// When it reaches the server and when it happened, in milliseconds.
    var received: Int64
    var time: Int64
    var person: Int32
    /// Which of the person's moments it is: the tail of its message id.
    var number: Int32
    var act: Act
    var source: DemoSource
    var device: UInt8
    /// The person had said who they are by then.
    var isKnown: Bool
    /// Sent a second time.
    var isRepeat: Bool
    var draw: UInt64
    /// The channel code they came by, counted from 1; 0 without one.
    var code: UInt8 = 0
    /// Which of the visit's acts it is, where several share a draw.
    var step: UInt8 = 0
}
