import Engine

extension JSONValue {
    /// ISO 8601 in UTC, or null.
    init(_ moment: Timestamp?) { self.init(moment?.iso8601) }
}
