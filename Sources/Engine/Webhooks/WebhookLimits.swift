/// The bounds of webhooks.
package enum WebhookLimits {
    package static let endpoints = 50
    package static let urlCharacters = 1_000
    package static let descriptionCharacters = 200
    /// Segments that one endpoint is narrowed to.
    package static let segments = 100

    /// Attempts before a message is dead. With the waits below they reach over two and a half days.
    package static let attempts: Int64 = 10
    /// The wait after the first attempt; four times as long after each one, up to `backoffMaxMilliseconds`.
    static let backoffMilliseconds: Int64 = 10_000
    static let backoffFactor: Int64 = 4
    static let backoffMaxMilliseconds: Int64 = 86_400_000
    /// A wait is lengthened at random by up to this part of it, so that not all come back at once.
    static let jitterPercent: Int64 = 20
    /// After a failed attempt an endpoint is left in peace: this long, doubled with each failure in a row.
    static let restMilliseconds: Int64 = 1_000
    static let restMaxMilliseconds: Int64 = 300_000
    /// An endpoint that has accepted nothing for so long is paused.
    package static let failingDays = 3

    /// An answer that takes longer is a failure.
    static let answerSeconds = 15
    /// Of an answer so much is read, for who waits for it, and so much is kept beside the message.
    static let readBytes = 16_384
    static let answerBytes = 2_000
    /// Longer than an answer may take: whoever holds a message longer is taken for dead.
    static let leaseMilliseconds: Int64 = 45_000
    /// Messages that are claimed at once, for one endpoint.
    static let claimed = 20
    /// Endpoints that are sent to at once.
    static let endpointsAtOnce = 8

    /// Log rows that one step looks through.
    static let logRows: Int64 = 5_000
    /// People in one message of a pushed list.
    package static let pagePeople = 1_000
    /// How long the secret before goes on signing.
    package static let graceHours = 24
    /// Delivered messages are forgotten after so long, dead ones later, and then also those that still wait for a paused
    /// endpoint.
    static let deliveredDays = 14
    package static let deadDays = 60
    /// Messages on a page of the list.
    package static let pageRows = 100
    /// Messages that one request sends again.
    package static let replayed = 10_000
}
