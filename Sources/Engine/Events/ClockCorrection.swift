/// When something happened, by our clock, told by a client whose clock may be wrong.
package enum ClockCorrection {
    /// `receivedAt − (sentAt − original)`: the client's own clock measures how long before sending it happened.
    ///
    /// Without `sentAt` the client's time stands; without `original` it happened when it arrived. Times so absurd that
    /// the sum leaves 64 bits are clamped, so that a check of the range finds them.
    /// Source: Segment specification, "Common fields", timestamps.
    package static func time(original: Timestamp?, sentAt: Timestamp?, receivedAt: Timestamp) -> Timestamp {
        guard let original else { return receivedAt }
        guard let sentAt else { return original }
        let (age, tooOld) = sentAt.milliseconds.subtractingReportingOverflow(original.milliseconds)
        let (time, tooFar) = receivedAt.milliseconds.subtractingReportingOverflow(age)
        return tooOld || tooFar ? Timestamp(milliseconds: .max) : Timestamp(milliseconds: time)
    }

    /// Whether an event's time can be believed: not before 1970 and not beyond `EventLimits.futureHours` ahead.
    package static func isBelievable(_ time: Timestamp, receivedAt: Timestamp) -> Bool {
        let latest = receivedAt.milliseconds + Int64(EventLimits.futureHours) * 3_600_000
        return time >= EventLimits.earliest && time.milliseconds <= latest
    }
}
