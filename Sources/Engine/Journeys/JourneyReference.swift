import Storage

/// Something that a journey names and would break without.
package enum JourneyReference: Hashable, Sendable {
    case segment(Int64)
    case tag(Int64)
    case score(Int64)
    case coupon(Int64)
    case template(Int64)
    case webhook(Int64)
    case experiment(Int64)
    case currency(String)
}

extension JourneyDefinition {
    /// What the entry and the nodes name; conditions are asked for theirs by themselves.
    var references: Set<JourneyReference> {
        var found: Set<JourneyReference> = []
        switch entry {
        case .segment(let id, _): found.insert(.segment(id))
        case .score(let model, _): found.insert(.score(model))
        default: break
        }
        visit { step, _ in found.formUnion(step.node.references) }
        return found
    }
}

extension Journeys {
    /// Published journeys whose definition passes `refers`: who would break without something.
    static func uses(
        _ connection: any SQLConnection, _ refers: (JourneyDefinition) -> Bool
    ) throws -> [SegmentUse] {
        let rows = try connection.query(
            """
            SELECT j.id, j.name, v.definition FROM journey_versions v JOIN journeys j ON j.id = v.journey_id
            WHERE v.status = 'published' AND j.deleted_ms IS NULL AND j.status <> 'ended' ORDER BY j.name, j.id
            """)
        return try rows.compactMap { row in
            guard let definition = JourneyDefinition.readable(try row.text(2)), refers(definition) else { return nil }
            return SegmentUse(kind: "journey", id: String(try row.int(0)), name: try row.text(1))
        }
    }

    /// Published journeys that name something. Throws: `StorageError`.
    package static func uses(of reference: JourneyReference, _ connection: any SQLConnection) throws -> [SegmentUse] {
        try uses(connection) { $0.references.contains(reference) }
    }
}
