import Storage

/// What the member centre shows. Each part can be turned off.
package enum CentreSection: String, Codable, Sendable, CaseIterable {
    case tier, inbox, benefits, points, coupons, rewards, transfer, donate, pool, rules
}

/// Something that points can be given to, by language.
package struct CentreCause: Codable, Sendable, Equatable {
    package var names: [String: String]

    package init(names: [String: String]) {
        self.names = names
    }

    package func name(_ language: String) -> String {
        names[language] ?? names.min { $0.key < $1.key }?.value ?? ""
    }
}

/// How the public site for members looks and how they come in. Kept under the settings name `member_centre`; off until it
/// is turned on.
package struct CentreSettings: Codable, Sendable, Equatable {
    package var isOn = false
    /// Empty: the workspace's.
    package var brandName = ""
    /// `#1b7350`.
    package var colour = CentreColour.standard
    package var sections = CentreSection.allCases
    /// The sections that there were when they were chosen from: one that came later is shown until it is turned off.
    /// Nil: they were chosen before this was kept.
    var offered: [String]? = CentreSection.allCases.map(\.rawValue)
    package var causes: [CentreCause] = []
    package var linkHours = 72
    package var sessionHours = 12
    /// What the brand's tokens have to be meant for.
    package var audience = "member-centre"
    package var keys: [CentreKey] = []

    package init() {}

    private static let name = "member_centre"

    /// Throws: `StorageError`.
    package static func load(_ connection: any SQLConnection) throws -> CentreSettings {
        guard var settings = try Settings.load(CentreSettings.self, name, connection) else { return CentreSettings() }
        if let offered = settings.offered {
            let shown = settings.sections
            let later = CentreSection.allCases.filter { !offered.contains($0.rawValue) && !shown.contains($0) }
            settings.sections = shown + later
            settings.offered = CentreSettings().offered
        }
        return settings
    }

    /// Whether nobody can tell if the inbox, which came later than the others, was turned off or was not there yet.
    package var isInboxUndecided: Bool { offered == nil && !shows(.inbox) }

    /// The same if it is on. Throws: `CentreError.off`, `StorageError`.
    package static func required(_ connection: any SQLConnection) throws -> CentreSettings {
        let settings = try load(connection)
        guard settings.isOn else { throw CentreError.off }
        return settings
    }

    package func shows(_ section: CentreSection) -> Bool { sections.contains(section) }

    /// Throws: `CentreError.off`.
    package func require(_ section: CentreSection) throws {
        guard isOn, shows(section) else { throw CentreError.off }
    }

    /// Of what its form changes; keys come and go by themselves.
    package var revision: Revision {
        get throws {
            var form = self
            form.keys = []
            return try Revision(of: form)
        }
    }

    /// Saves all but the keys. `seen`: the revision that was looked at; nil: whichever. Turned off, nobody stays in.
    /// Throws: `CentreError.invalid`, `EditConflict`, `StorageError`.
    package func save(
        seen: String?, by actor: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws -> CentreSettings {
        try validate()
        let before = try Self.load(connection)
        if let seen { try Revision.check(seen, at: before.revision) }
        var saved = self
        saved.keys = before.keys
        try Settings.save(saved, Self.name, connection, at: now)
        if !saved.isOn { try CentreSessions.closeAll(connection) }
        try AuditLog.append(
            actor: actor, action: "member_centre.save", subject: "member_centre", detail: isOn ? "on" : "off",
            connection, at: now)
        return saved
    }

    /// Adds a key for the brand's tokens. Throws: `CentreError`, `StorageError`.
    package static func add(
        _ draft: CentreKey.Draft, by actor: String, _ seal: Seal, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> CentreKey {
        let key = try draft.key(seal, effects)
        var settings = try load(connection)
        guard settings.keys.count < CentreLimits.keys else {
            throw CentreError.tooMany(what: "keys", limit: CentreLimits.keys)
        }
        settings.keys.append(key)
        try Settings.save(settings, name, connection, at: effects.now())
        try AuditLog.append(
            actor: actor, action: "member_centre.key_add", subject: "centre_key:\(key.id)", detail: key.name,
            connection,
            at: effects.now())
        return key
    }

    /// Takes a key away; who came in by it goes. Throws: `CentreError.keyNotFound`, `StorageError`.
    package static func remove(
        key id: String, by actor: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws {
        var settings = try load(connection)
        guard let key = settings.keys.first(where: { $0.id == id }) else { throw CentreError.keyNotFound(id) }
        settings.keys.removeAll { $0.id == id }
        try Settings.save(settings, name, connection, at: now)
        try CentreSessions.close(origin: key.origin, connection)
        try AuditLog.append(
            actor: actor, action: "member_centre.key_remove", subject: "centre_key:\(id)", detail: key.name, connection,
            at: now)
    }

    /// Throws: `CentreError.invalid` naming the first setting that cannot be used.
    package func validate() throws {
        func refuse(_ field: String, _ reason: String) -> CentreError { .invalid(field: field, reason: reason) }
        guard brandName.count <= CentreLimits.nameCharacters else {
            throw refuse("brand_name", "has at most \(CentreLimits.nameCharacters) characters")
        }
        guard CentreColour(colour) != nil else { throw refuse("colour", "must be # and six hexadecimal digits") }
        guard Set(sections).count == sections.count else { throw refuse("sections", "names each once") }
        guard causes.count <= CentreLimits.causes,
            causes.allSatisfy({ cause in
                !cause.names.isEmpty
                    && cause.names.allSatisfy {
                        Workspace.languages.contains($0.key)
                            && (1...CentreLimits.causeCharacters).contains($0.value.count)
                    }
            })
        else {
            throw refuse(
                "causes",
                "must be up to \(CentreLimits.causes), each with names of 1 to \(CentreLimits.causeCharacters) characters"
            )
        }
        guard CentreLimits.linkHours.contains(linkHours) else {
            throw refuse("link_hours", "must be 1 to \(CentreLimits.linkHours.upperBound)")
        }
        guard CentreLimits.sessionHours.contains(sessionHours) else {
            throw refuse("session_hours", "must be 1 to \(CentreLimits.sessionHours.upperBound)")
        }
        guard (1...CentreLimits.audienceBytes).contains(audience.utf8.count) else {
            throw refuse("audience", "must be 1 to \(CentreLimits.audienceBytes) bytes")
        }
    }
}
