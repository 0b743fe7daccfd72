import Storage

/// Declares what events, properties and traits are. The processor obeys from its next batch on.
package enum Declare {
    /// What is declared of an event name.
    package struct EventDeclaration: Sendable, Equatable {
        package var name: String
        package var description: String
        package var isBlocked: Bool

        package init(name: String, description: String = "", isBlocked: Bool = false) {
            self.name = name
            self.description = description
            self.isBlocked = isBlocked
        }
    }

    /// What is declared of a property or trait.
    package struct FieldDeclaration: Sendable, Equatable {
        /// `trait`, or `CatalogueDeclarations.owner(ofEvent:)`.
        package var owner: String
        package var name: String
        package var type: FieldType?
        /// Traits only.
        package var traitClass: TraitClass?
        package var isPersonal: Bool
        package var isRequired: Bool
        package var isBlocked: Bool
        package var description: String

        package init(
            owner: String, name: String, type: FieldType? = nil, traitClass: TraitClass? = nil,
            isPersonal: Bool = false, isRequired: Bool = false, isBlocked: Bool = false, description: String = ""
        ) {
            self.owner = owner
            self.name = name
            self.type = type
            self.traitClass = traitClass
            self.isPersonal = isPersonal
            self.isRequired = isRequired
            self.isBlocked = isBlocked
            self.description = description
        }
    }

    /// Declares an event name, also before it was ever seen. Throws: `CatalogueError.badName`, `StorageError`.
    package static func event(
        _ declaration: EventDeclaration, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        try check(declaration.name)
        try connection.execute(
            """
            INSERT INTO catalogue_events (name, first_seen_ms, last_seen_ms, volume, example, description, declared,
                blocked)
            VALUES (\(declaration.name), \(now.milliseconds), \(now.milliseconds), 0, '', \(declaration.description),
                1, \(declaration.isBlocked))
            ON CONFLICT (name) DO UPDATE SET description = excluded.description, declared = 1,
                blocked = excluded.blocked
            """)
        try changed(at: now, connection)
    }

    /// Declares a property or trait. Throws: `CatalogueError`, `StorageError`.
    package static func field(
        _ declaration: FieldDeclaration, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        try check(declaration.name)
        let isTrait = declaration.owner == CatalogueDeclarations.traitOwner
        guard isTrait || declaration.owner.hasPrefix(CatalogueDeclarations.owner(ofEvent: "")) else {
            throw CatalogueError.badOwner(declaration.owner)
        }
        let traitClass = isTrait ? declaration.traitClass ?? WellKnownTraits.traitClass(declaration.name) : nil
        try connection.execute(
            """
            INSERT INTO catalogue_fields (owner, name, seen_type, declared_type, trait_class, pii, required, blocked,
                first_seen_ms, last_seen_ms, volume, example, description)
            VALUES (\(declaration.owner), \(declaration.name), \((declaration.type ?? .string).rawValue),
                \((declaration.type?.rawValue).sqlValue), \((traitClass?.rawValue).sqlValue), \(declaration.isPersonal),
                \(declaration.isRequired), \(declaration.isBlocked), \(now.milliseconds), \(now.milliseconds), 0, '',
                \(declaration.description))
            ON CONFLICT (owner, name) DO UPDATE SET declared_type = excluded.declared_type,
                trait_class = excluded.trait_class, pii = excluded.pii, required = excluded.required,
                blocked = excluded.blocked, description = excluded.description
            """)
        if declaration.isPersonal {
            try connection.execute(
                """
                UPDATE catalogue_fields SET example = \(CatalogueBatch.maskedExample)
                WHERE owner = \(declaration.owner) AND name = \(declaration.name) AND example <> ''
                """)
        }
        try changed(at: now, connection)
    }

    private static func check(_ name: String) throws {
        guard !name.isEmpty, name.utf8.count <= CatalogueLimits.nameCharacters else {
            throw CatalogueError.badName(name)
        }
    }

    /// Tells every processor to read the declarations again.
    private static func changed(at now: Timestamp, _ connection: any SQLConnection) throws {
        try connection.lock(CatalogueCache.versionSetting)
        let version = try Settings.load(Int64.self, CatalogueCache.versionSetting, connection) ?? 0
        try Settings.save(version + 1, CatalogueCache.versionSetting, connection, at: now)
    }
}

/// A declaration that cannot be made.
package enum CatalogueError: Error, Sendable, Equatable {
    /// Empty or too long.
    case badName(String)
    /// Neither `trait` nor `event:` and a name.
    case badOwner(String)
}
