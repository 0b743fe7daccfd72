import Storage

extension RecipientFacts {
    /// What the policy asks of many people, by the ids that were asked for; ids of nobody are left out.
    ///
    /// Who they are, how they are reached and what they said by the brand's own events; nothing that a letter tells of them.
    /// Throws: `StorageError`, `JSONError`, `ProfileError.unreadableState`.
    static func reach(
        _ ids: [Int64], _ workspace: Workspace, _ connection: any SQLConnection
    ) throws -> [Int64: RecipientFacts] {
        let calendar = workspace.calendar
        return try ProfileDetail.reach(ids, connection).mapValues { person in
            var state = ProfileState()
            state.consent = person.consent
            let profile = Profile(
                id: person.id, at: Timestamp(milliseconds: 0), createdAt: Timestamp(milliseconds: 0), sourceID: 0)
            return RecipientFacts(
                profileID: person.id, profileIDs: [person.id] + person.mergedIDs, isLiving: person.isLiving,
                state: state, displayName: "", identities: person.identities, language: workspace.language,
                calendar: calendar, profile: profile)
        }
    }
}
