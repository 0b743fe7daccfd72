import Storage

/// Writes the counts of a batch onto the rows of the catalogue, in the order of their keys.
enum CatalogueRows {
    static func save(events: [OwnerCounter], _ connection: any SQLConnection) throws {
        guard !events.isEmpty else { return }
        let prefix = CatalogueDeclarations.owner(ofEvent: "").count
        try connection.executeMany(
            """
            INSERT INTO catalogue_events (name, first_seen_ms, last_seen_ms, volume, example) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET volume = catalogue_events.volume + excluded.volume,
                first_seen_ms = \(raw(connection.dialect.least, "catalogue_events", "first_seen_ms")),
                last_seen_ms = \(raw(connection.dialect.greatest, "catalogue_events", "last_seen_ms")),
                example = excluded.example
            """,
            events.sorted { $0.owner < $1.owner }.map { counter in
                [
                    .text(String(counter.owner.dropFirst(prefix))), .integer(counter.firstMS),
                    .integer(counter.lastMS), .integer(counter.volume), .text(counter.example),
                ]
            })
    }

    static func save(fieldsOf owners: [OwnerCounter], _ connection: any SQLConnection) throws {
        var rows: [[SQLValue]] = []
        for counter in owners.sorted(by: { $0.owner < $1.owner }) {
            let isTrait = counter.owner == CatalogueDeclarations.traitOwner
            for (name, field) in counter.fields.sorted(by: { $0.key < $1.key }) where field.isListed {
                let traitClass = isTrait ? WellKnownTraits.traitClass(name).rawValue : nil
                rows.append([
                    .text(counter.owner), .text(name), .text(field.type.rawValue), traitClass.sqlValue,
                    field.isPersonal.sqlValue, .integer(field.firstMS), .integer(field.lastMS),
                    .integer(field.volume), .text(field.example),
                ])
            }
        }
        guard !rows.isEmpty else { return }
        try connection.executeMany(
            """
            INSERT INTO catalogue_fields (owner, name, seen_type, trait_class, pii, first_seen_ms, last_seen_ms,
                volume, example) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (owner, name) DO UPDATE SET volume = catalogue_fields.volume + excluded.volume,
                first_seen_ms = \(raw(connection.dialect.least, "catalogue_fields", "first_seen_ms")),
                last_seen_ms = \(raw(connection.dialect.greatest, "catalogue_fields", "last_seen_ms")),
                seen_type = excluded.seen_type, example = excluded.example
            """, rows)
    }

    static func save(
        _ violations: [ViolationKey: ViolationCounter], _ connection: any SQLConnection
    ) throws {
        guard !violations.isEmpty else { return }
        try connection.executeMany(
            """
            INSERT INTO catalogue_violations (owner, name, rule, volume, first_seen_ms, last_seen_ms, example,
                evidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (owner, name, rule) DO UPDATE SET volume = catalogue_violations.volume + excluded.volume,
                first_seen_ms = \(raw(connection.dialect.least, "catalogue_violations", "first_seen_ms")),
                last_seen_ms = \(raw(connection.dialect.greatest, "catalogue_violations", "last_seen_ms")),
                example = excluded.example, evidence = excluded.evidence
            """,
            violations.sorted { $0.key < $1.key }.map { key, counter in
                [
                    .text(key.owner), .text(key.name), .text(key.rule.rawValue), .integer(counter.volume),
                    .integer(counter.firstMS), .integer(counter.lastMS), .text(counter.example),
                    .integer(counter.evidence),
                ]
            })
    }

    private static func raw(_ function: String, _ table: String, _ column: String) -> String {
        "\(function)(\(table).\(column), excluded.\(column))"
    }
}
