import Storage

/// Templates in versions: the draft is edited, what is sent is the version that was published last.
package enum MessageTemplates {
    /// Throws: `TemplateError`, `StorageError`.
    package static func create(
        _ draft: MessageTemplate.Draft, by actor: String, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> MessageTemplate {
        try connection.lock("message_templates")
        let count =
            try connection.first("SELECT count(*) FROM message_templates WHERE archived_ms IS NULL")?.int(0) ?? 0
        guard count < TemplateLimits.templates else { throw TemplateError.tooLong(limit: TemplateLimits.templates) }
        let draft = try checked(draft, connection)
        let (id, now) = (effects.newID(), effects.now())
        try connection.execute(
            """
            INSERT INTO message_templates (id, name, channel, topic, is_transactional, draft, version, created_ms,
                updated_ms, edited_by, fallbacks)
            VALUES (\(id), \(draft.name), \(draft.channel), \(draft.topic), \(draft.isTransactional ? 1 : 0),
                \(try StoredDocument.text(draft.content)), 0, \(now.milliseconds), \(now.milliseconds), \(actor),
                \(MessageRoutes.text(draft.fallbacks)))
            """)
        try note("create", id, draft.name, actor, now, connection)
        return try get(id, connection)
    }

    /// Changes the draft; what is sent stays, and the channel. `seen`: the revision that was edited.
    /// Throws: `TemplateError`, `EditConflict`, `StorageError`.
    package static func update(
        _ id: Int64, _ draft: MessageTemplate.Draft, against seen: String? = nil, by actor: String,
        at now: Timestamp, _ connection: any SQLConnection
    ) throws -> MessageTemplate {
        let before = try get(id, connection)
        if let seen { try Revision.check(seen, at: try before.revision) }
        var draft = draft
        draft.channel = before.channel
        draft = try checked(draft, connection)
        try connection.execute(
            """
            UPDATE message_templates SET name = \(draft.name), topic = \(draft.topic),
                is_transactional = \(draft.isTransactional ? 1 : 0), draft = \(try StoredDocument.text(draft.content)),
                fallbacks = \(MessageRoutes.text(draft.fallbacks)), updated_ms = \(now.milliseconds), edited_by = \(actor) WHERE id = \(id)
            """)
        try note("update", id, draft.name, actor, now, connection)
        return try get(id, connection)
    }

    /// Puts the draft in force, after a strict check. Published again unchanged it stays the same version.
    /// Throws: `TemplateError`, `StorageError`.
    package static func publish(
        _ id: Int64, by actor: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> MessageTemplate {
        let template = try get(id, connection)
        try TemplateCheck(template: template, names: try TemplateValues.names(connection)).check(connection)
        if template.version > 0, try content(id, version: template.version, connection) == template.draft {
            return template
        }
        let version = template.version + 1
        try connection.execute(
            """
            INSERT INTO message_template_versions (template_id, version, content, published_ms, published_by)
            VALUES (\(id), \(version), \(try StoredDocument.text(template.draft)), \(now.milliseconds), \(actor))
            """)
        try connection.execute(
            "UPDATE message_templates SET version = \(version), updated_ms = \(now.milliseconds) WHERE id = \(id)")
        try note("publish", id, "\(template.name) \(version)", actor, now, connection)
        return try get(id, connection)
    }

    /// Out of the lists; what is planned with it is still sent. Throws: `TemplateError.usedBy` while a journey or a
    /// broadcast is going to write with it, `.notFound`, `StorageError`.
    package static func archive(
        _ id: Int64, by actor: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        let template = try get(id, connection)
        let uses = try usedBy(id, connection)
        guard uses.isEmpty else { throw TemplateError.usedBy(uses) }
        try connection.execute("UPDATE message_templates SET archived_ms = \(now.milliseconds) WHERE id = \(id)")
        try note("archive", id, template.name, actor, now, connection)
    }

    /// Journeys and broadcasts that write with it. Throws: `StorageError`.
    package static func usedBy(_ id: Int64, _ connection: any SQLConnection) throws -> [SegmentUse] {
        try Journeys.uses(of: .template(id), connection) + Broadcasts.uses(ofTemplate: id, connection)
    }

    /// Throws: `TemplateError.notFound`, `StorageError`.
    package static func get(_ id: Int64, _ connection: any SQLConnection) throws -> MessageTemplate {
        let row = try connection.first(
            "SELECT \(raw: MessageTemplate.columns) FROM message_templates WHERE id = \(id)")
        guard let row else { throw TemplateError.notFound(id) }
        return try MessageTemplate(row: row)
    }

    /// Those that are not archived, by name. Throws: `StorageError`.
    package static func list(_ connection: any SQLConnection) throws -> [MessageTemplate] {
        try connection.query(
            """
            SELECT \(raw: MessageTemplate.columns) FROM message_templates WHERE archived_ms IS NULL
            ORDER BY name, id LIMIT \(TemplateLimits.templates)
            """
        ).map(MessageTemplate.init(row:))
    }

    /// The channels that something published is for. Throws: `StorageError`.
    package static func channels(_ connection: any SQLConnection) throws -> [String] {
        let found = Set(
            try connection.query(
                "SELECT DISTINCT channel FROM message_templates WHERE version > 0 AND archived_ms IS NULL"
            ).map { try $0.text(0) })
        return ChannelCatalog.names.filter(found.contains)
    }

    /// A published version. Throws: `TemplateError.notPublished`, `StorageError`.
    package static func content(
        _ id: Int64, version: Int64, _ connection: any SQLConnection
    ) throws -> TemplateContent {
        let row = try connection.first(
            """
            SELECT content FROM message_template_versions WHERE template_id = \(id) AND version = \(version)
            """)
        guard let row else { throw TemplateError.notPublished }
        return try StoredDocument.value(TemplateContent.self, from: try row.text(0))
    }

    private static func checked(
        _ draft: MessageTemplate.Draft, _ connection: any SQLConnection
    ) throws -> MessageTemplate.Draft {
        var draft = draft
        draft.name = Whitespace.trim(draft.name)
        guard (1...TemplateLimits.nameCharacters).contains(draft.name.count) else { throw TemplateError.badName }
        guard ChannelCatalog.names.contains(draft.channel) else { throw TemplateError.unknownChannel(draft.channel) }
        let topics = try MessagePolicy.load(connection).topics.map(\.code)
        guard draft.topic.isEmpty || topics.contains(draft.topic) else { throw TemplateError.unknownTopic(draft.topic) }
        try MessageRoutes.check(draft.fallbacks, after: draft.channel, connection)
        guard (1...TemplateLimits.variants).contains(draft.content.variants.count) else {
            throw TemplateError.variants(limit: TemplateLimits.variants)
        }
        for variant in draft.content.variants {
            let count = variant.blocks.reduce(0) { $0 + 1 + $1.columns.joined().count }
            guard count <= TemplateLimits.blocks else {
                throw TemplateError.tooManyBlocks(limit: TemplateLimits.blocks)
            }
        }
        for case let provider? in draft.content.variants.map(\.provider) {
            let isShort = (provider.parameters.map(\.value) + provider.options.values)
                .allSatisfy { $0.utf8.count <= TemplateLimits.parameterBytes }
            guard provider.parameters.count <= TemplateLimits.parameters, isShort else {
                throw TemplateError.tooManyParameters(limit: TemplateLimits.parameters)
            }
        }
        guard try StoredDocument.text(draft.content).utf8.count <= TemplateLimits.bytes else {
            throw TemplateError.tooLong(limit: TemplateLimits.bytes)
        }
        return draft
    }

    private static func note(
        _ verb: String, _ id: Int64, _ detail: String, _ actor: String, _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws {
        try AuditLog.append(
            actor: actor, action: "template.\(verb)", subject: "template:\(id)", detail: detail, connection, at: now)
    }
}

/// Everything that keeps a draft from being sent.
package struct TemplateCheck {
    let template: MessageTemplate
    let names: LiquidNames

    private static let titled: Set<String> = ["email", "inbox", "push"]
    /// Channels where a title is that of a card, which has an address.
    package static let carded: Set<String> = ["wechat", "wecom"]

    /// Throws: `TemplateError` for the first thing that is wrong.
    func check(_ connection: any SQLConnection) throws {
        for variant in template.draft.variants {
            let isEmail = template.channel == "email"
            if Self.titled.contains(template.channel), Whitespace.trim(variant.subject).isEmpty {
                throw TemplateError.noSubject(variant: variant.name)
            }
            let isProvided = try ProviderTemplateCheck(variant: variant, channel: template.channel).check(connection)
            if isEmail ? variant.blocks.isEmpty : !isProvided && Whitespace.trim(variant.body).isEmpty {
                throw TemplateError.empty(variant: variant.name)
            }
            if Self.carded.contains(template.channel), !isProvided, !Whitespace.trim(variant.subject).isEmpty,
                Whitespace.trim(variant.link).isEmpty
            {
                throw TemplateError.noCardLink(variant: variant.name)
            }
            for (field, source) in [
                ("subject", variant.subject), ("preheader", variant.preheader), ("body", variant.body),
                ("link", variant.link),
            ] { try check(source, "\(variant.name).\(field)") }
            for (field, source) in variant.provider?.sources ?? [] { try check(source, "\(variant.name).\(field)") }
            try check(variant.blocks, variant.name + ".blocks")
            if isEmail, !template.isTransactional, !variant.blocks.contains(where: { $0.kind == .footer }) {
                throw TemplateError.noFooter(variant: variant.name)
            }
            let buttons = variant.blocks.flatMap { [$0] + $0.columns.joined() }.filter { $0.kind == .button }
            if buttons.contains(where: { ["", "https://", "http://"].contains(Whitespace.trim($0.url)) }) {
                throw TemplateError.noLink(variant: variant.name)
            }
        }
    }

    private func check(_ blocks: [EmailBlock], _ place: String) throws {
        for (index, block) in blocks.enumerated() {
            for (field, source) in block.sources { try check(source, "\(place)[\(index + 1)].\(field)") }
            for (column, inner) in block.columns.enumerated() {
                try check(inner, "\(place)[\(index + 1)].columns[\(column + 1)]")
            }
        }
    }

    private func check(_ source: String, _ place: String) throws {
        guard !source.isEmpty else { return }
        do { try names.check(LiquidText(source)) } catch let error as LiquidError {
            throw TemplateError.liquid(place: place, error)
        }
    }
}
