/// A moment: milliseconds since 1970-01-01T00:00:00Z, as stored everywhere.
package struct Timestamp: Sendable, Hashable, Comparable, Codable {
    package var milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package init(seconds: Int64) {
        self.milliseconds = seconds * 1000
    }

    package init(from decoder: any Decoder) throws {
        milliseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }

    /// Whole seconds since 1970, rounded towards the past.
    package var seconds: Int64 {
        milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    package func adding(milliseconds more: Int64) -> Timestamp {
        Timestamp(milliseconds: milliseconds + more)
    }

    package func adding(days: Int) -> Timestamp {
        Timestamp(milliseconds: milliseconds + Int64(days) * Timestamp.millisecondsPerDay)
    }

    /// How long ago `earlier` was. By a clock that has gone back since, as long as it now lies ahead: what is done every
    /// so often must not wait for that moment to come again.
    package func elapsedMilliseconds(since earlier: Timestamp) -> Int64 {
        abs(milliseconds - earlier.milliseconds)
    }

    /// Of what was never done: so long before any moment that it is always due, and near enough to be reckoned with.
    static let longAgo = Timestamp(milliseconds: .min / 2)

    package static let millisecondsPerDay: Int64 = 86_400_000
}
