import Storage

/// A template or signature as the provider has it.
package struct ApprovedTemplate: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case template, signature
    }

    package enum Status: String, Sendable, CaseIterable {
        case approved, waiting, rejected
    }

    package var kind: Kind
    /// Of a signature the signature itself.
    package var code: String
    /// Empty where the provider knows of none.
    package var language: String
    package var name: String
    package var text: String
    package var status: Status
    /// Why it was rejected.
    package var detail: String
    /// What it is for, as the provider calls it.
    package var category: String
    /// The names of its places.
    package var parameters: [String]

    package init(
        _ kind: Kind = .template, code: String, language: String = "", name: String, text: String = "",
        status: Status, detail: String = "", category: String = "", parameters: [String]? = nil
    ) {
        self.kind = kind
        self.code = code
        self.language = language
        self.name = name
        self.text = text
        self.status = status
        self.detail = detail
        self.category = category
        self.parameters = parameters ?? ProviderPlace.names(in: text)
    }
}

/// A template that is to be handed in.
package struct ProviderTemplateDraft: Sendable {
    package var name: String
    package var text: String
    /// `verification`, `notice`, `marketing`
    package var category: String
    package var language: String
    /// Why it is needed, for whoever approves it.
    package var remark: String
    /// A value for each place, in the order of the places.
    package var examples: [String]
    /// A title of words above the text, and what stands in for its place; empty: none.
    package var header: String
    package var headerExample: String
    /// A button below the text that leads somewhere, and what stands in for the end of its address; empty: none.
    package var buttonLabel: String
    package var buttonURL: String
    package var buttonExample: String

    package static let categories = ["verification", "notice", "marketing"]
    package static let examplesMax = 20
    package static let exampleCharacters = 100

    package init(
        name: String, text: String, category: String, language: String = "", remark: String,
        examples: [String] = [], header: String = "", headerExample: String = "", buttonLabel: String = "",
        buttonURL: String = "", buttonExample: String = ""
    ) {
        self.name = name
        self.text = text
        self.category = category
        self.language = language
        self.remark = remark
        self.examples = examples
        self.header = header
        self.headerExample = headerExample
        self.buttonLabel = buttonLabel
        self.buttonURL = buttonURL
        self.buttonExample = buttonExample
    }

    /// Whether it has more parts than the text.
    package var hasParts: Bool {
        ![header, headerExample, buttonLabel, buttonURL, buttonExample].allSatisfy(\.isEmpty)
    }

    /// Throws: `ProviderError.badField`.
    package func validate() throws {
        guard (1...80).contains(name.count) else { throw ProviderError.badField("name") }
        guard !Whitespace.trim(text).isEmpty, text.count <= 500 else { throw ProviderError.badField("text") }
        guard Self.categories.contains(category) else { throw ProviderError.badField("category") }
        guard remark.count <= 200 else { throw ProviderError.badField("remark") }
        let areExamples = examples.allSatisfy { (1...Self.exampleCharacters).contains($0.count) }
        guard areExamples, examples.count <= Self.examplesMax else { throw ProviderError.badField("examples") }
        for (field, example) in [("header_example", headerExample), ("button_example", buttonExample)]
        where example.count > Self.exampleCharacters { throw ProviderError.badField(field) }
    }
}

/// What providers have approved, as it was when it was last fetched.
package enum ApprovedTemplates {
    private static let columns = "kind, code, language, name, text, status, detail, category, parameters"

    /// Asks the provider and keeps what it says in place of what was kept. Returns how many there are.
    /// Throws: `ProviderError`, `StorageError`.
    package static func fetch(
        _ name: String, by actor: String, _ catalog: ProviderCatalog, _ platform: Platform
    ) async throws -> Int {
        let (provider, _, line) = try await catalog.line(name, platform)
        let found = try await provider.approved(line)
        let now = platform.effects.now()
        let kept = Array(found.prefix(ProviderLimits.templates))
        try await platform.store.write { connection in
            try replace(kept, of: name, at: now, connection)
            try AuditLog.append(
                actor: actor, action: "message_provider.fetch", subject: "message_provider",
                detail: "\(name) \(kept.count)", connection, at: now)
        }
        return kept.count
    }

    static func replace(
        _ templates: [ApprovedTemplate], of provider: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        try connection.execute("DELETE FROM provider_templates WHERE provider = \(provider)")
        try connection.executeMany(
            """
            INSERT INTO provider_templates (provider, \(columns), fetched_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """,
            templates.map {
                [
                    .text(provider), .text($0.kind.rawValue), .text($0.code), .text($0.language), .text($0.name),
                    .text($0.text), .text($0.status.rawValue), .text($0.detail), .text($0.category),
                    .text($0.parameters.joined(separator: "\u{1F}")), .integer(now.milliseconds),
                ]
            })
    }

    /// By name. Throws: `StorageError`.
    package static func list(
        _ provider: String, _ connection: any SQLConnection
    ) throws -> [ApprovedTemplate] {
        try connection.query(
            """
            SELECT \(raw: columns) FROM provider_templates WHERE provider = \(provider)
            ORDER BY kind DESC, name, code, language LIMIT \(ProviderLimits.templates)
            """
        ).map(read)
    }

    /// Nil when the provider has none of that code, as far as was fetched. Throws: `StorageError`.
    package static func get(
        _ provider: String, code: String, language: String, _ connection: any SQLConnection
    ) throws -> ApprovedTemplate? {
        try connection.first(
            """
            SELECT \(raw: columns) FROM provider_templates WHERE provider = \(provider) AND kind = 'template'
                AND code = \(code) AND language = \(language)
            """
        ).map(read)
    }

    /// When the provider was last asked; nil: never. Throws: `StorageError`.
    package static func fetchedAt(_ provider: String, _ connection: any SQLConnection) throws -> Timestamp? {
        try connection.first("SELECT max(fetched_ms) FROM provider_templates WHERE provider = \(provider)")?
            .intOrNil(0).map(Timestamp.init(milliseconds:))
    }

    private static func read(_ row: SQLRow) throws -> ApprovedTemplate {
        ApprovedTemplate(
            ApprovedTemplate.Kind(rawValue: try row.text(0)) ?? .template, code: try row.text(1),
            language: try row.text(2), name: try row.text(3), text: try row.text(4),
            status: ApprovedTemplate.Status(rawValue: try row.text(5)) ?? .rejected, detail: try row.text(6),
            category: try row.text(7), parameters: try row.text(8).split(separator: "\u{1F}").map(String.init))
    }
}
