/// Whom a list of people shows. Everything that is set must hold.
package struct ProfileFilter: Sendable, Equatable {
    /// Exactly this identity value, a value or name that begins like this, or a profile id.
    package var search: String?
    package var stage: String?
    package var rfmClass: String?
    /// Scores of the saved RFM computation, 1…5.
    package var recencyScore: Int64?
    package var frequencyScore: Int64?
    package var sourceID: Int64?
    package var isIdentified: Bool?
    /// Half-open ranges of event time, and of net spend in minor units.
    package var firstSeen: Range<Timestamp>?
    package var lastSeen: Range<Timestamp>?
    package var spend: Range<Int64>?
    /// Who has the tag or one below it.
    package var tagID: Int64?
    /// Who is in the segment now.
    package var segmentID: Int64?
    /// These alone.
    package var ids: Set<Int64>?
    /// By channel of `Consent.channels`.
    package var consent: [String: ConsentState] = [:]

    package init(
        search: String? = nil, stage: String? = nil, rfmClass: String? = nil, sourceID: Int64? = nil,
        isIdentified: Bool? = nil, firstSeen: Range<Timestamp>? = nil, lastSeen: Range<Timestamp>? = nil,
        spend: Range<Int64>? = nil
    ) {
        self.search = search
        self.stage = stage
        self.rfmClass = rfmClass
        self.sourceID = sourceID
        self.isIdentified = isIdentified
        self.firstSeen = firstSeen
        self.lastSeen = lastSeen
        self.spend = spend
    }

    /// The same conditions for one profile in memory.
    func accepts(_ profile: Profile) -> Bool {
        guard profile.isLiving else { return false }
        if let ids, !ids.contains(profile.id) { return false }
        if let stage, profile.stage != stage { return false }
        if let rfmClass, profile.rfmClass != rfmClass { return false }
        if let recencyScore, profile.rfmR != recencyScore { return false }
        if let frequencyScore, profile.rfmF != frequencyScore { return false }
        if let sourceID, profile.sourceID != sourceID { return false }
        if let isIdentified, profile.isIdentified != isIdentified { return false }
        if let firstSeen, !firstSeen.contains(Timestamp(milliseconds: profile.firstSeenMS)) { return false }
        if let lastSeen, !lastSeen.contains(Timestamp(milliseconds: profile.lastSeenMS)) { return false }
        if let spend, !spend.contains(profile.netSpend) { return false }
        return true
    }

    /// The condition that needs the profile's document.
    func accepts(_ state: ProfileState) -> Bool {
        consent.allSatisfy { channel, wanted in
            let given = state.consent[channel]?.isGranted
            return wanted == (given.map { $0 ? .granted : .refused } ?? .unknown)
        }
    }
}

/// In which order a list of people stands, greatest first.
package enum ProfileOrder: String, Sendable, Codable, CaseIterable {
    case lastSeen = "last_seen"
    case spend

    var column: String {
        self == .lastSeen ? "last_seen_ms" : "net_spend"
    }

    func value(of profile: Profile) -> Int64 {
        self == .lastSeen ? profile.lastSeenMS : profile.netSpend
    }
}
