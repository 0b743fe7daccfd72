import Storage

extension PeopleBatch {
    /// Carries out an explicit unbind: every identity that the event names leaves the person who has it, is free for
    /// whoever comes with it next, and is recorded so that it can be given back. History stays with the person.
    ///
    /// Returns who had the strongest of them. A link that was made after the event happened stands.
    mutating func unlink(_ logged: LoggedEvent, _ claims: [Claim]) throws -> Person? {
        var speaker: Person?
        for claim in claims {
            guard let link = links[claim.key], let owner = person(link.profileID) else { continue }
            speaker = speaker ?? owner
            guard logged.event.time.milliseconds >= link.firstSeenMS else { continue }
            links[claim.key] = nil
            changedLinks.remove(claim.key)
            unlinkedKeys.insert(claim.key)
            try owner.changeState { $0.lose(claim.key.kind) }
            if owner.row.isIdentified, try !isKnown(owner) {
                owner.change {
                    $0.isIdentified = false
                    $0.identifiedMS = nil
                }
            }
            let record = UnlinkRecord(
                id: context.effects.newID(), profileID: owner.row.id, key: claim.key, link: link,
                atMS: logged.event.time.milliseconds, evidence: logged.position)
            unlinks.append(record)
            happened.append(IdentityEvents.unlinked(record))
        }
        return speaker
    }

    private func isKnown(_ person: Person) throws -> Bool {
        try person.state().identityCounts.contains { $0.value > 0 && IdentityKind.named($0.key)?.isKnown == true }
    }

    mutating func saveUnlinks() throws {
        try IdentityLinks.drop(unlinkedKeys.filter { links[$0] == nil }.sorted(), connection)
        try UnlinkRecord.save(unlinks, connection)
    }
}
