import Storage

/// Making, finding and archiving channel codes.
package enum ChannelCodes {
    /// What a new code is made of.
    package struct Draft: Sendable {
        package var name: String
        package var kind: ChannelCodeKind
        package var owner: String
        package var target: String
        /// Nil: one is made up.
        package var code: String?
        package var campaign: ChannelCode.Campaign

        package init(
            name: String, kind: ChannelCodeKind, owner: String = "", target: String, code: String? = nil,
            campaign: ChannelCode.Campaign = ChannelCode.Campaign()
        ) {
            self.name = name
            self.kind = kind
            self.owner = owner
            self.target = target
            self.code = code
            self.campaign = campaign
        }
    }

    /// Adds a code. Throws: `ChannelCodeError`, `StorageError`.
    package static func create(
        _ draft: Draft, by actor: String, _ connection: any SQLConnection, _ effects: Effects
    ) throws -> ChannelCode {
        let name = Whitespace.trim(draft.name)
        let owner = Whitespace.trim(draft.owner)
        guard !name.isEmpty, name.count <= ChannelCodeLimits.nameCharacters,
            owner.count <= ChannelCodeLimits.nameCharacters,
            !name.utf8.contains(0), !owner.utf8.contains(0)
        else { throw ChannelCodeError.badName }
        let target = try ChannelTarget(draft.target)
        guard try ChannelTargets.allows(target.host, connection) else {
            throw ChannelCodeError.targetNotAllowed(host: target.host)
        }
        let count = try connection.first("SELECT count(*) FROM channel_codes")?.int(0) ?? 0
        guard count < ChannelCodeLimits.codes else { throw ChannelCodeError.tooMany }
        let code = try draft.code.map(checked) ?? made(effects)
        guard try connection.first("SELECT id FROM channel_codes WHERE code = \(code)") == nil else {
            throw ChannelCodeError.codeTaken(code)
        }
        let made = ChannelCode(
            id: effects.newID(), code: code, name: name, kind: draft.kind, owner: owner, target: target.address,
            campaign: draft.campaign, createdAt: effects.now())
        try connection.execute(
            """
            INSERT INTO channel_codes (id, code, name, kind, owner, target, target_host, campaign_source, \
            campaign_medium, campaign_name, created_ms) VALUES (\(made.id), \(made.code), \(made.name), \
            \(made.kind.rawValue), \(made.owner), \(made.target), \(target.host), \(made.campaign.source), \
            \(made.campaign.medium), \(made.campaign.name), \(made.createdAt.milliseconds))
            """)
        try AuditLog.append(
            actor: actor, action: "channel_code.create", subject: "channel_code:\(made.id)", detail: code, connection,
            at: made.createdAt)
        return made
    }

    /// The newest first. Throws: `StorageError`.
    package static func list(
        before: Int64? = nil, limit: Int64 = ChannelCodeLimits.pageRows, _ connection: any SQLConnection
    ) throws -> [ChannelCode] {
        try connection.query(
            """
            SELECT \(raw: ChannelCode.columns) FROM channel_codes WHERE id < \(before ?? .max)
            ORDER BY id DESC LIMIT \(limit)
            """
        ).map(ChannelCode.init(row:))
    }

    /// Throws: `ChannelCodeError.notFound`, `StorageError`.
    package static func get(id: Int64, _ connection: any SQLConnection) throws -> ChannelCode {
        guard let row = try connection.first("SELECT \(raw: ChannelCode.columns) FROM channel_codes WHERE id = \(id)")
        else { throw ChannelCodeError.notFound }
        return try ChannelCode(row: row)
    }

    /// Ends a code: it leads nowhere any more, its history stays. Safe to repeat.
    /// Throws: `ChannelCodeError.notFound`, `StorageError`.
    package static func archive(
        id: Int64, by actor: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws -> ChannelCode {
        var code = try get(id: id, connection)
        guard code.archivedAt == nil else { return code }
        code.archivedAt = now
        try connection.execute("UPDATE channel_codes SET archived_ms = \(now.milliseconds) WHERE id = \(id)")
        try AuditLog.append(
            actor: actor, action: "channel_code.archive", subject: "channel_code:\(id)", detail: code.code, connection,
            at: now)
        return code
    }

    /// The source that scans belong to, made when it is the first time. Throws: `StorageError`.
    package static func source(_ connection: any SQLConnection, _ effects: Effects) throws -> Int64 {
        if let id = try Settings.load(Int64.self, sourceSetting, connection) { return id }
        let made = try Sources.create(
            name: "Channel codes", kind: .web, by: "system", connection, effects)
        try Settings.save(made.source.id, sourceSetting, connection, at: effects.now())
        return made.source.id
    }

    private static let sourceSetting = "channel_code_source"

    private static func checked(_ code: String) throws -> String {
        let isPlain = code.utf8.allSatisfy { byte in
            byte >= 48 && byte <= 57 || byte >= 65 && byte <= 90 || byte >= 97 && byte <= 122
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
        }
        guard isPlain, ChannelCodeLimits.codeCharacters.contains(code.utf8.count) else {
            throw ChannelCodeError.badCode
        }
        return code
    }

    /// Seven letters and digits that are not mistaken for each other: 31⁷ of them.
    private static func made(_ effects: Effects) -> String {
        let letters = Array("23456789abcdefghjkmnpqrstuvwxyz".utf8)
        let bytes = effects.randomBytes(7)
        return String(decoding: bytes.map { letters[Int($0) % letters.count] }, as: UTF8.self)
    }
}
