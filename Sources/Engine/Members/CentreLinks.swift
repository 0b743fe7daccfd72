import Storage

/// A link that lets one member into the member centre.
package struct CentreLink: Sendable, Equatable {
    package var id: Int64
    package var profileID: Int64
    /// Worth one session; else as many as one likes until it ends.
    package var isOnce: Bool
    /// To look only: what staff open.
    package var isPreview: Bool
    package var createdAt: Timestamp
    package var createdBy: String
    package var expiresAt: Timestamp
    /// First opened.
    package var usedAt: Timestamp?
    package var revokedAt: Timestamp?

    package func isLiving(at now: Timestamp) -> Bool {
        revokedAt == nil && expiresAt > now && !(isOnce && usedAt != nil)
    }

    var origin: String { "link:\(id)" }

    /// To be put behind the address of the server.
    package static func path(_ token: String) -> String { "/m/l/\(token)" }

    static let columns = """
        id, profile_id, is_once, is_preview, created_ms, created_by, expires_ms, used_ms, revoked_ms
        """

    init(_ row: SQLRow) throws {
        id = try row.int(0)
        profileID = try row.int(1)
        isOnce = try row.bool(2)
        isPreview = try row.bool(3)
        createdAt = Timestamp(milliseconds: try row.int(4))
        createdBy = try row.text(5)
        expiresAt = Timestamp(milliseconds: try row.int(6))
        usedAt = try row.intOrNil(7).map(Timestamp.init(milliseconds:))
        revokedAt = try row.intOrNil(8).map(Timestamp.init(milliseconds:))
    }
}

/// Links as they are made, opened and taken back. A link carries 256 random bits, of which only the SHA-256 is kept.
package enum CentreLinks {
    /// What is asked for.
    package struct Wish: Sendable {
        package var isOnce: Bool
        package var isPreview: Bool
        /// nil: as the settings say; of a preview `CentreLimits.previewMinutes`.
        package var hours: Int?

        package init(isOnce: Bool = false, isPreview: Bool = false, hours: Int? = nil) {
            self.isOnce = isOnce
            self.isPreview = isPreview
            self.hours = hours
        }
    }

    /// Throws: `CentreError.off`, `.invalid`, `.tooMany`, `PointsError.accountNotFound`, `.accountClosed`,
    /// `StorageError`.
    package static func make(
        for member: Int64, _ wish: Wish, by actor: String, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> (link: CentreLink, token: String) {
        let settings = try CentreSettings.required(connection)
        let account = try PointsAccounts.get(member, connection)
        guard account.closedAt == nil, account.profileID != 0 else { throw PointsError.accountClosed(member) }
        let hours = wish.hours ?? settings.linkHours
        guard CentreLimits.linkHours.contains(hours) else {
            throw CentreError.invalid(
                field: "hours", reason: "must be 1 to \(CentreLimits.linkHours.upperBound)")
        }
        let (now, token, id) = (effects.now(), SecretToken(effects: effects), effects.newID())
        let living = try list(of: account.profileID, connection).filter { $0.isLiving(at: now) && !$0.isPreview }
        guard wish.isPreview || living.count < CentreLimits.links else {
            throw CentreError.tooMany(what: "links", limit: CentreLimits.links)
        }
        let minutes = wish.isPreview ? Int64(CentreLimits.previewMinutes) : Int64(hours) * 60
        let expires = now.adding(milliseconds: minutes * 60_000)
        let forgotten = now.adding(days: -CentreLimits.linkKeptDays)
        try connection.execute("DELETE FROM centre_links WHERE expires_ms < \(forgotten.milliseconds)")
        try connection.execute(
            """
            INSERT INTO centre_links (id, token_hash, profile_id, is_once, is_preview, created_ms, created_by,
                expires_ms)
            VALUES (\(id), \(token.hash), \(account.profileID), \(wish.isOnce), \(wish.isPreview),
                \(now.milliseconds), \(actor), \(expires.milliseconds))
            """)
        try AuditLog.append(
            actor: actor, action: wish.isPreview ? "centre.preview" : "centre.link_make", subject: "member:\(member)",
            detail: String(id), connection, at: now)
        return (try get(id, connection), token.text)
    }

    /// A person's, the newest first. Throws: `StorageError`.
    package static func list(of profile: Int64, _ connection: any SQLConnection) throws -> [CentreLink] {
        try connection.query(
            """
            SELECT \(raw: CentreLink.columns) FROM centre_links WHERE profile_id = \(profile) AND profile_id <> 0
            ORDER BY created_ms DESC, id DESC LIMIT \(shown)
            """
        ).map(CentreLink.init)
    }

    private static let shown = 200

    /// The living link behind a token, unused. Throws: `CentreError.off`, `.linkNotValid`, `StorageError`.
    package static func find(
        _ token: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> CentreLink {
        _ = try CentreSettings.required(connection)
        guard token.utf8.count <= 128,
            let row = try connection.first(
                """
                SELECT \(raw: CentreLink.columns) FROM centre_links WHERE token_hash = \(SecretToken.hash(token))
                """)
        else { throw CentreError.linkNotValid }
        let link = try CentreLink(row)
        guard link.isLiving(at: now), try CentreSessions.member(link.profileID, connection) != nil else {
            throw CentreError.linkNotValid
        }
        return link
    }

    /// Comes in by a link; a session that the browser had before ends. Throws: `CentreError`, `StorageError`.
    package static func open(
        _ token: String, replacing old: String?, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> OpenedCentre {
        let now = effects.now()
        let link = try find(token, at: now, connection)
        if link.usedAt == nil {
            // Of two who come at once by a link for one, one comes in.
            let used = try connection.execute(
                "UPDATE centre_links SET used_ms = \(now.milliseconds) WHERE id = \(link.id) AND used_ms IS NULL")
            guard used == 1 || !link.isOnce else { throw CentreError.linkNotValid }
        }
        return try CentreSessions.open(
            link.profileID, origin: link.origin, isPreview: link.isPreview, replacing: old, effects, connection)
    }

    /// Takes a link back; who came in by it goes. Safe to repeat. Throws: `CentreError.linkNotFound`, `StorageError`.
    package static func revoke(
        _ id: Int64, of member: Int64, by actor: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> CentreLink {
        let link = try get(id, connection)
        guard try CentreSessions.member(link.profileID, connection)?.id == member else {
            throw CentreError.linkNotFound(id)
        }
        guard link.revokedAt == nil else { return link }
        try connection.execute("UPDATE centre_links SET revoked_ms = \(now.milliseconds) WHERE id = \(id)")
        try CentreSessions.close(origin: link.origin, connection)
        try AuditLog.append(
            actor: actor, action: "centre.link_revoke", subject: "member:\(member)", detail: String(id), connection,
            at: now)
        return try get(id, connection)
    }

    private static func get(_ id: Int64, _ connection: any SQLConnection) throws -> CentreLink {
        let row = try connection.first("SELECT \(raw: CentreLink.columns) FROM centre_links WHERE id = \(id)")
        guard let row else { throw CentreError.linkNotFound(id) }
        return try CentreLink(row)
    }
}
