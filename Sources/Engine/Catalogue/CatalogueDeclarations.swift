import Storage

/// What was declared of events, properties and traits: the part of the catalogue that the processor must obey.
package struct CatalogueDeclarations: Sendable, Equatable {
    package var blockedEvents: Set<String> = []
    /// By owner (`trait`, or `event:` and the name), then by field.
    package var fields: [String: [String: Field]] = [:]

    package struct Field: Sendable, Equatable {
        package var type: FieldType?
        package var isRequired: Bool
        package var isBlocked: Bool
        package var isPersonal: Bool
    }

    package static let traitOwner = "trait"
    package static func owner(ofEvent name: String) -> String { "event:" + name }

    package init() {}

    /// Reads everything that was declared. Throws: `StorageError`.
    package static func load(_ connection: any SQLConnection) throws -> CatalogueDeclarations {
        var declarations = CatalogueDeclarations()
        for row in try connection.query("SELECT name FROM catalogue_events WHERE blocked = 1") {
            declarations.blockedEvents.insert(try row.text(0))
        }
        let rows = try connection.query(
            """
            SELECT owner, name, declared_type, required, blocked, pii FROM catalogue_fields
            WHERE declared_type IS NOT NULL OR required = 1 OR blocked = 1 OR pii = 1
            """)
        for row in rows {
            let type = try row.textOrNil(2).flatMap(FieldType.init(rawValue:))
            declarations.fields[try row.text(0), default: [:]][try row.text(1)] = try Field(
                type: type, isRequired: row.bool(3), isBlocked: row.bool(4), isPersonal: row.bool(5))
        }
        return declarations
    }
}
