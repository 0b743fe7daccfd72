/// What an endpoint can be told of: the system events, and the messages that webhooks themselves make.
package enum WebhookEvents {
    /// In the order in which they are offered. A new system event is one line here.
    package static let names = [
        SegmentMembers.entered, SegmentMembers.left, StageHistory.eventName, RFMRefresh.eventName,
        ScoreRows.thresholdReached,
        ScoreRows.gradeChanged, TagHolders.added, TagHolders.removed, IdentityEvents.identified,
        IdentityEvents.merged, IdentityEvents.unmerged, IdentityEvents.unlinked, IdentityEvents.relinked,
        IdentityEvents.erased,
    ]

    /// A page of the people of a pushed segment.
    package static let list = "segment.list"
    /// A test.
    package static let ping = "webhook.ping"

    /// The type as it stands in a message: `Segment Entered` is `segment.entered`, `Score Threshold Reached` is
    /// `score.threshold_reached` (Standard Webhooks: dot-separated, from the general to the particular).
    package static func type(of name: String) -> String {
        let words = name.lowercased().split(separator: " ")
        guard let first = words.first, words.count > 1 else { return name }
        return first + "." + words.dropFirst().joined(separator: "_")
    }

    static func isAboutSegment(_ name: String) -> Bool {
        name == SegmentMembers.entered || name == SegmentMembers.left
    }
}
