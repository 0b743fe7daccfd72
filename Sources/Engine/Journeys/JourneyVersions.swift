import Storage
import Synchronization

/// One version of a journey.
package struct JourneyVersion: Sendable, Equatable {
    package enum Status: String, Sendable, CaseIterable {
        case draft, published, retired
    }

    package var id: Int64
    package var journeyID: Int64
    package var number: Int64
    package var status: Status
    package var definition: String
    package var updatedAt: Timestamp
    package var publishedAt: Timestamp?
    package var publishedBy: String

    static let columns = "id, journey_id, number, status, definition, updated_ms, published_ms, published_by"

    init(_ row: SQLRow) throws {
        id = try row.int(0)
        journeyID = try row.int(1)
        number = try row.int(2)
        status = Status(rawValue: try row.text(3)) ?? .retired
        definition = try row.text(4)
        updatedAt = Timestamp(milliseconds: try row.int(5))
        publishedAt = try row.intOrNil(6).map(Timestamp.init(milliseconds:))
        publishedBy = try row.text(7)
    }
}

/// Definitions as the runtime needs them, kept between steps until a journey, a segment or a tag changes.
final class JourneyCache: Sendable {
    struct Content: Sendable {
        fileprivate var stamp: [Int64]
        /// By version: published ones and those that people are still on.
        fileprivate(set) var maps: [Int64: JourneyMap] = [:]
        /// By journey.
        fileprivate(set) var journeys: [Int64: Journey] = [:]
        fileprivate(set) var published = PublishedSegments(version: 0, workspace: Workspace())

        /// Journeys that take people in or have people on their way.
        var live: [Journey] { journeys.values.filter { $0.status == .live }.sorted { $0.id < $1.id } }
    }

    private let memory = Mutex<Content?>(nil)

    /// Throws: `StorageError`.
    func load(_ connection: any SQLConnection) throws -> Content {
        let workspace = try Workspace.load(connection)
        let stamp = [try Journeys.stamp(connection), try SegmentCache.version(connection)]
        if let known = memory.withLock({ $0 }), known.stamp == stamp, known.published.workspace == workspace {
            return known
        }
        var content = Content(stamp: stamp)
        content.published = try PublishedSegments.load(version: stamp[1], workspace, connection)
        let world = try CriteriaWorld.load(connection)
        for journey in try Journeys.list(connection) { content.journeys[journey.id] = journey }
        let rows = try connection.query(
            """
            SELECT \(raw: JourneyVersion.columns) FROM journey_versions WHERE status = 'published'
                OR (status = 'retired' AND id IN (SELECT version_id FROM journey_runs WHERE status <> 'ended'))
            """)
        for version in try rows.map(JourneyVersion.init) {
            // What an older build wrote and this one cannot read leaves its people where they are, and says so.
            guard let definition = JourneyDefinition.readable(version.definition) else { continue }
            content.maps[version.id] = JourneyMap(definition.expanded(world))
        }
        let loaded = content
        memory.withLock { $0 = loaded }
        return loaded
    }
}

extension JourneyDefinition {
    /// A stored definition; nil when this version cannot read it.
    static func readable(_ text: String) -> JourneyDefinition? {
        do { return try JourneyDefinition(parsing: text) } catch { return nil }
    }
}
