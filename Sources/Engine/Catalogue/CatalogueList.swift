import Storage

/// The catalogue as its page shows it: event names, properties and traits with what was seen and declared of them.
package enum CatalogueList {
    package struct Event: Sendable, Equatable {
        package var name: String
        package var firstSeenMS: Int64
        package var lastSeenMS: Int64
        package var volume: Int64
        package var example: String
        package var description: String
        package var isDeclared: Bool
        package var isBlocked: Bool
    }

    package struct Field: Sendable, Equatable {
        /// `trait`, or `event:` and the event's name.
        package var owner: String
        package var name: String
        package var seenType: FieldType
        package var declaredType: FieldType?
        /// Traits only.
        package var traitClass: TraitClass?
        package var isPersonal: Bool
        package var isRequired: Bool
        package var isBlocked: Bool
        package var firstSeenMS: Int64
        package var lastSeenMS: Int64
        package var volume: Int64
        package var example: String
        package var description: String
    }

    package struct Violation: Sendable, Equatable {
        package var owner: String
        package var name: String
        package var rule: CatalogueRule
        package var volume: Int64
        package var firstSeenMS: Int64
        package var lastSeenMS: Int64
        package var example: String
        /// Log position of the last event that did it.
        package var evidence: Int64
    }

    static let rowsLimit = 2_000

    /// Event names, the busiest first.
    package static func events(_ connection: any SQLConnection) throws -> [Event] {
        try connection.query(
            """
            SELECT name, first_seen_ms, last_seen_ms, volume, example, description, declared, blocked
            FROM catalogue_events ORDER BY volume DESC, name LIMIT \(rowsLimit)
            """
        ).map { row in
            try Event(
                name: row.text(0), firstSeenMS: row.int(1), lastSeenMS: row.int(2), volume: row.int(3),
                example: row.text(4), description: row.text(5), isDeclared: row.bool(6), isBlocked: row.bool(7))
        }
    }

    /// The traits of people, by name.
    package static func traits(_ connection: any SQLConnection) throws -> [Field] {
        try fields(of: CatalogueDeclarations.traitOwner, connection)
    }

    /// The properties of an event name, by name.
    package static func properties(of eventName: String, _ connection: any SQLConnection) throws -> [Field] {
        try fields(of: CatalogueDeclarations.owner(ofEvent: eventName), connection)
    }

    private static func fields(of owner: String, _ connection: any SQLConnection) throws -> [Field] {
        try connection.query(
            """
            SELECT owner, name, seen_type, declared_type, trait_class, pii, required, blocked, first_seen_ms,
                last_seen_ms, volume, example, description
            FROM catalogue_fields WHERE owner = \(owner) ORDER BY name LIMIT \(rowsLimit)
            """
        ).map { row in
            try Field(
                owner: row.text(0), name: row.text(1), seenType: FieldType(rawValue: row.text(2)) ?? .string,
                declaredType: row.textOrNil(3).flatMap(FieldType.init(rawValue:)),
                traitClass: row.textOrNil(4).flatMap(TraitClass.init(rawValue:)), isPersonal: row.bool(5),
                isRequired: row.bool(6), isBlocked: row.bool(7), firstSeenMS: row.int(8), lastSeenMS: row.int(9),
                volume: row.int(10), example: row.text(11), description: row.text(12))
        }
    }

    /// Violations, the newest first.
    package static func violations(_ connection: any SQLConnection) throws -> [Violation] {
        try connection.query(
            """
            SELECT owner, name, rule, volume, first_seen_ms, last_seen_ms, example, evidence
            FROM catalogue_violations ORDER BY last_seen_ms DESC, owner, name, rule LIMIT \(rowsLimit)
            """
        ).compactMap { row in
            guard let rule = CatalogueRule(rawValue: try row.text(2)) else { return nil }
            return try Violation(
                owner: row.text(0), name: row.text(1), rule: rule, volume: row.int(3), firstSeenMS: row.int(4),
                lastSeenMS: row.int(5), example: row.text(6), evidence: row.int(7))
        }
    }

    /// Classes of traits by name, for showing a person's traits: declared, or by the name everybody uses.
    package static func traitClasses(_ connection: any SQLConnection) throws -> [String: TraitClass] {
        var classes: [String: TraitClass] = [:]
        for field in try traits(connection) {
            classes[field.name] = field.traitClass ?? WellKnownTraits.traitClass(field.name)
        }
        return classes
    }
}
