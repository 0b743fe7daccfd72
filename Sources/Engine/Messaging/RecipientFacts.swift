import Storage

/// What sending needs to know of a person.
package struct RecipientFacts: Sendable {
    package var profileID: Int64
    /// With those that were merged into it: what was said and sent under them counts too.
    package var profileIDs: [Int64]
    package var isLiving: Bool
    package var state: ProfileState
    package var displayName: String
    /// By kind, the verified first, then the first seen.
    package var identities: [String: [String]]
    /// `zh-Hans` or `en`.
    package var language: String
    package var calendar: LocalCalendar
    package var profile: Profile

    package var emails: [String] { identities[IdentityKind.email] ?? [] }
    package var phones: [String] { identities[IdentityKind.phone] ?? [] }

    /// Nil when there never was such a person. A merged person is who they turned out to be. Throws: `StorageError`.
    package static func load(
        _ id: Int64, _ workspace: Workspace, _ connection: any SQLConnection
    ) throws -> RecipientFacts? {
        let detail: ProfileDetail
        do { detail = try ProfileDetail.load(id, connection) } catch ProfileError.notFound { return nil }
        return RecipientFacts(detail, workspace, workspace.calendar)
    }

    /// Several people at once, by the ids that were asked for; ids of nobody are left out. Throws: `StorageError`.
    static func load(
        _ ids: [Int64], _ workspace: Workspace, _ connection: any SQLConnection
    ) throws -> [Int64: RecipientFacts] {
        let calendar = workspace.calendar
        return try ProfileDetail.load(ids, connection).mapValues { RecipientFacts($0, workspace, calendar) }
    }

    /// Somebody made up, for a look at a template while nobody is known.
    package static func sample(_ language: String, _ workspace: Workspace, at now: Timestamp) -> RecipientFacts {
        var profile = Profile(id: 0, at: now, createdAt: now, sourceID: 0)
        profile.displayName = language == "zh-Hans" ? "林晓" : "Lin"
        return RecipientFacts(
            profileID: 0, profileIDs: [0], isLiving: true, state: ProfileState(),
            displayName: profile.displayName ?? "",
            identities: ["email": ["lin@example.com"], "phone": ["+8613800138000"]], language: language,
            calendar: workspace.calendar, profile: profile)
    }

    /// The person that a text stands for: an id, or anything that a person is known by. Throws: `StorageError`.
    package static func find(_ text: String, _ connection: any SQLConnection) throws -> Int64? {
        let sought = Whitespace.trim(text)
        if let id = Int64(sought), try connection.first("SELECT 1 FROM profiles WHERE id = \(id)") != nil { return id }
        return try connection.first(
            """
            SELECT profile_id FROM identities WHERE value IN (\(sought), \(sought.lowercased()))
            ORDER BY first_seen_ms LIMIT 1
            """
        ).map { try $0.int(0) }
    }

    /// Whoever was seen last and can be named; nil: nobody. Throws: `StorageError`.
    package static func anybody(_ connection: any SQLConnection) throws -> Int64? {
        try connection.first(
            """
            SELECT id FROM profiles WHERE merged_into IS NULL AND deleted_ms IS NULL AND identified = 1
            ORDER BY last_seen_ms DESC LIMIT 1
            """
        ).map { try $0.int(0) }
    }
}

extension RecipientFacts {
    fileprivate init(_ detail: ProfileDetail, _ workspace: Workspace, _ usual: LocalCalendar) {
        let known = detail.identities
            .sorted { ($0.isVerified ? 0 : 1, $0.firstSeenMS) < ($1.isVerified ? 0 : 1, $1.firstSeenMS) }
        let spoken = detail.state.value("language", "locale")?.stringValue?.lowercased() ?? ""
        let zone = detail.state.value("timezone", "time_zone", "timeZone")?.stringValue ?? ""
        self.init(
            profileID: detail.profile.id, profileIDs: [detail.profile.id] + detail.mergedIDs,
            isLiving: detail.profile.isLiving, state: detail.state,
            displayName: detail.profile.displayName ?? "",
            identities: Dictionary(grouping: known.map(\.key), by: \.kind).mapValues { $0.map(\.value) },
            language: spoken.isEmpty ? workspace.language : spoken.hasPrefix("zh") ? "zh-Hans" : "en",
            calendar: zone.isEmpty ? usual : LocalCalendar(timeZone: zone) ?? usual, profile: detail.profile)
    }
}
