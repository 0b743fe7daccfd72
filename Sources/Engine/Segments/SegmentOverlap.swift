import Storage

/// How segments overlap: for every combination of them the people that are in exactly those.
package struct SegmentOverlap: Sendable, Equatable {
    package static let segmentsRange = 2...5

    package var segments: [Segment]
    /// Largest first; combinations without people are left out.
    package var parts: [Part]

    package struct Part: Sendable, Equatable {
        /// Places in `segments`.
        package var members: [Int]
        package var people: Int64
    }

    /// Throws: `SegmentError.notFound`, `.tooFew`, `.tooMany`, `StorageError`.
    package static func load(_ ids: [Int64], _ connection: any SQLConnection) throws -> SegmentOverlap {
        var distinct: [Int64] = []
        for id in ids where !distinct.contains(id) { distinct.append(id) }
        guard distinct.count >= segmentsRange.lowerBound else {
            throw SegmentError.tooFew(what: "segments", limit: segmentsRange.lowerBound)
        }
        guard distinct.count <= segmentsRange.upperBound else {
            throw SegmentError.tooMany(limit: segmentsRange.upperBound)
        }
        let segments = try distinct.map { try Segments.get($0, connection) }
        var bits: SQL = "CASE segment_id"
        for (place, id) in distinct.enumerated() { bits += " WHEN \(id) THEN \(Int64(1) << Int64(place))" }
        bits += " ELSE 0 END"
        let rows = try connection.query(
            """
            SELECT mask, count(*) FROM (
                SELECT profile_id, CAST(sum(\(bits)) AS BIGINT) AS mask FROM segment_members
                WHERE segment_id IN (\(list: distinct)) GROUP BY profile_id
            ) AS people GROUP BY mask
            """)
        let parts = try rows.map { row -> Part in
            let mask = try row.int(0)
            return Part(
                members: distinct.indices.filter { mask & (1 << Int64($0)) != 0 }, people: try row.int(1))
        }
        return SegmentOverlap(
            segments: segments,
            parts: parts.sorted { ($0.people, $1.members.count) > ($1.people, $0.members.count) })
    }
}
