/// What an endpoint can be told of: the system events, and the messages that webhooks themselves make.
package enum WebhookEvents {
    /// In the order in which they are offered. A new system event is one line here.
    package static let names: [String] =
        people + loyalty + MessageEvents.all + JourneyEvents.names + [
            StaffTasks.closed
        ]

    private static let people = [
        SegmentMembers.entered, SegmentMembers.left, StageHistory.eventName, RFMRefresh.eventName,
        ScoreRows.thresholdReached, ScoreRows.gradeChanged, TagHolders.added, TagHolders.removed,
        IdentityEvents.identified, IdentityEvents.merged, IdentityEvents.unmerged, IdentityEvents.unlinked,
        IdentityEvents.relinked, IdentityEvents.erased,
    ]

    private static let loyalty =
        [
            "Member Enrolled", PointsEvents.earned, PointsEvents.released, PointsEvents.redeemed, PointsEvents.returned,
            PointsEvents.reversed, PointsEvents.expiring, PointsEvents.expired, PointsEvents.given,
            PointsEvents.received, PointsEvents.donated, PointsEvents.adjusted, DormantAction.dormant,
            PointsEvents.contributed, PointsEvents.contributionReturned, PointsEvents.poolRedeemed,
            PointsEvents.poolReturned,
            Tiers.changed, Tiers.noticed, BenefitGrants.granted, BenefitUses.used,
            CouponEvents.issued, CouponEvents.locked, CouponEvents.unlocked, CouponEvents.redeemed,
            CouponEvents.rolledBack, CouponEvents.expired, CouponEvents.voided,
        ] + PoolEvents.names + RewardClaim.State.allCases.map(RewardEvents.name)

    /// A page of the people of a pushed segment.
    package static let list = "segment.list"
    /// A test.
    package static let ping = "webhook.ping"
    /// The end of a pause: between its two moments things happened that are told nowhere.
    package static let resumed = "webhook.resumed"

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
