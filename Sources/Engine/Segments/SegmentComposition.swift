import Science
import Storage

/// Who the people of a segment are beside everybody: what is more common among them, and what is rarer.
///
/// Looked at are stage, RFM class, first source, tags, and traits with few values. Each finding is a condition, so that
/// it can be told in words and asked for.
package struct SegmentComposition: Sendable {
    package struct Row: Sendable {
        /// `stage`, `rfm_class`, `source`, `tag` or `trait`.
        package var dimension: String
        package var criteria: Criteria
        package var people: Int64
        package var everybody: Int64
        package var found: OverRepresentation
    }

    /// As the analytics store has them: a moment behind.
    package var people: Int64
    package var everybody: Int64
    /// What is most certainly more common first, then what is rarer, the most certain last.
    package var rows: [Row]

    private static let traitsLimit = 40
    private static let traitValuesLimit = 200
    private static let moreRows = 12
    private static let rarerRows = 6
    /// Three standard deviations: of a thousand values about three get there by chance.
    private static let far = 3.0
    /// Below it a share says little.
    private static let peopleLeast: Int64 = 20
    private static let limits = QueryLimits(seconds: 20)
    /// Between the parts of a value's name; no text of a client has it.
    private static let bar = "\u{1f}"

    /// Throws: `SegmentError.notFound`, `StorageError`.
    package static func load(_ id: Int64, _ platform: Platform) async throws -> SegmentComposition {
        let (segment, world, workspace) = try await platform.store.read {
            (try Segments.get(id, $0), try CriteriaWorld.load($0), try Workspace.load($0))
        }
        let clock = PublishedSegments(version: 0, workspace: workspace).clock(platform.effects.now())
        // Lists and snapshots stand in the mirror; a dynamic one is asked anew.
        let isInside: AnalyticsSQL =
            segment.kind == .dynamic
            ? try inside(Criteria(parsing: segment.criteria).expanded(world), clock) : "has(segments, \(id))"
        let names = try await platform.analytics.query(fewValued, limits: limits).strings(0)
        let table = try await platform.analytics.query(counts(isInside, traits: names), limits: limits)
        let (pairs, inside, all) = (try table.strings(0), try table.ints(1), try table.ints(2))
        guard let whole = pairs.firstIndex(of: "all") else {
            return SegmentComposition(people: 0, everybody: 0, rows: [])
        }
        let (people, everybody) = (inside[whole], all[whole])
        var rows: [Row] = []
        for (place, pair) in pairs.enumerated() where place != whole {
            let found = OverRepresentation(
                having: inside[place], part: people, havingOfAll: all[place], people: everybody)
            let hasMany = found.z > 0 ? inside[place] >= peopleLeast : all[place] >= peopleLeast
            guard abs(found.z) >= far, hasMany, let node = node(pair) else { continue }
            rows.append(
                Row(
                    dimension: node["kind"]?.stringValue ?? "",
                    criteria: try Criteria(parsing: JSONValue.object(["version": 1, "where": node]).text()),
                    people: inside[place], everybody: all[place], found: found))
        }
        rows.sort { ($0.found.z, $0.criteria.text) > ($1.found.z, $1.criteria.text) }
        let more = rows.filter { $0.found.z > 0 }.prefix(moreRows)
        let fewer = rows.filter { $0.found.z < 0 }.suffix(rarerRows)
        return SegmentComposition(people: people, everybody: everybody, rows: Array(more) + Array(fewer))
    }

    /// Traits whose values can be told apart at a glance: no names, numbers, addresses.
    private static let fewValued: AnalyticsSQL = """
        SELECT name FROM (
            SELECT name, value FROM (
                SELECT trait_names, trait_texts FROM (
                    SELECT trait_names, trait_texts, is_deleted FROM profiles AS p FINAL
                ) AS current WHERE is_deleted = 0
            ) AS people ARRAY JOIN trait_names AS name, trait_texts AS value
        ) AS pairs GROUP BY name HAVING uniqCombined(cityHash64(value)) <= \(Int64(traitValuesLimit))
        ORDER BY count() DESC, name LIMIT \(Int64(traitsLimit))
        """

    private static func inside(_ criteria: Criteria, _ clock: CriteriaClock) -> AnalyticsSQL {
        "profile_id IN (\(CriteriaQuery(criteria, clock).matching))"
    }

    private static func counts(_ isInside: AnalyticsSQL, traits: [String]) -> AnalyticsSQL {
        let names: AnalyticsSQL = "[\(list: traits.isEmpty ? [""] : traits)]"
        return """
            SELECT pair, toInt64(sum(is_inside)) AS people, toInt64(count()) AS everybody FROM (
                SELECT is_inside, pair FROM (
                    SELECT \(isInside) AS is_inside, arrayDistinct(arrayConcat(
                        ['all', concat('stage', \(bar), toString(stage)),
                            concat('rfm_class', \(bar), toString(rfm_class)),
                            concat('source', \(bar), toString(source_id))],
                        arrayMap(t -> concat('tag', \(bar), toString(t)), tags),
                        arrayMap((n, t) -> if(has(\(names), n), concat('trait', \(bar), n, \(bar), t), ''),
                            trait_names, trait_texts))) AS pairs
                    FROM (
                        SELECT profile_id, segments, stage, rfm_class, source_id, tags, trait_names, trait_texts,
                            is_deleted
                        FROM profiles AS p FINAL
                    ) AS current WHERE is_deleted = 0
                ) AS people ARRAY JOIN pairs AS pair
            ) AS marks WHERE pair != '' GROUP BY pair HAVING everybody >= \(peopleLeast) OR pair = 'all'
            """
    }

    /// The condition that a name of `counts` stands for; nil where the value is missing.
    private static func node(_ pair: String) -> JSONValue? {
        let parts = pair.split(separator: bar, omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 1, let value = parts.last, !value.isEmpty else { return nil }
        switch parts[0] {
        case "stage", "rfm_class": return ["kind": .string(parts[0]), "values": [.string(value)]]
        case "source": return value == "0" ? nil : ["kind": "source", "ids": [.string(value)]]
        case "tag": return ["kind": "tag", "ids": [.string(value)], "below": false]
        case "trait" where parts.count == 3:
            return ["kind": "trait", "name": .string(parts[1]), "is": "equals", "values": [.string(value)]]
        default: return nil
        }
    }
}
