import Storage

/// A page of people. Every page costs a bounded number of rows, whatever the filter.
package struct ProfileList: Sendable, Equatable {
    /// Without their documents (`state` is `{}`).
    package var profiles: [Profile]
    /// Where the next page begins; nil at the end. Present also on a short page, when the bound was reached first.
    package var nextCursor: String?

    package static let pageLimit = 200
    /// Rows that one page looks at, at the most, before it hands over what it found.
    static let scannedRows = 5_000
    /// Hits of a search, which is answered in one page.
    static let searchHits = 100

    /// Throws: `ProfileError.badCursor`, `StorageError`.
    package static func load(
        _ filter: ProfileFilter = ProfileFilter(), order: ProfileOrder = .lastSeen, cursor: String? = nil,
        limit: Int = 50, _ connection: any SQLConnection
    ) throws -> ProfileList {
        let limit = min(max(limit, 1), pageLimit)
        if let search = filter.search, !Whitespace.trim(search).isEmpty {
            let found = try ProfileSearch.find(Whitespace.trim(search), filter, limit: searchHits, connection)
            return ProfileList(profiles: found, nextCursor: nil)
        }
        let place = try cursor.map { try Place($0) }
        let groups = try ProfileGroups(filter, connection)
        let range = try ScanRange(filter, order, place, groups.condition(of: "profiles.id"), connection.dialect)
        let border = try bound(range, order, connection)
        let profiles = try connection.query(
            """
            SELECT \(raw: columns) FROM profiles
            WHERE \(range.condition(downTo: border)) AND coalesce(merged_into, 0) = 0 AND deleted_ms IS NULL\(range.rest)
            ORDER BY \(raw: order.column) DESC, id DESC LIMIT \(limit + 1)
            """
        ).map(Profile.init)
        if profiles.count > limit {
            let page = Array(profiles.prefix(limit))
            return ProfileList(profiles: page, nextCursor: page.last.map { Place(order.value(of: $0), $0.id).text })
        }
        return ProfileList(profiles: profiles, nextCursor: border?.text)
    }

    /// The last row that the page may look at, found in the index alone; nil when the end comes first.
    ///
    /// A bound in the condition, and not a limit in a subquery: so the scan stops as soon as the page is full.
    private static func bound(
        _ range: ScanRange, _ order: ProfileOrder, _ connection: any SQLConnection
    ) throws -> Place? {
        let row = try connection.first(
            """
            SELECT \(raw: order.column), id FROM profiles WHERE \(range.condition())
            ORDER BY \(raw: order.column) DESC, id DESC LIMIT 1 OFFSET \(scannedRows - 1)
            """)
        return try row.map { try Place($0.int(0), $0.int(1)) }
    }

    static let columns = Profile.columns.replacing("version, state", with: "version, '{}' AS state")

    /// A place between two rows: the value sorted by, and the id.
    struct Place: Equatable {
        var value: Int64
        var id: Int64

        init(_ value: Int64, _ id: Int64) {
            self.value = value
            self.id = id
        }

        init(_ cursor: String) throws {
            let parts = cursor.split(separator: ".")
            guard parts.count == 2, let value = Int64(parts[0]), let id = Int64(parts[1]) else {
                throw ProfileError.badCursor
            }
            self.init(value, id)
        }

        var text: String { "\(value).\(id)" }
    }
}

/// What an index decides about a page, and what is looked at row by row: written so (`coalesce`, `+ 0`) that no planner
/// takes another index for it and sorts everything.
private struct ScanRange {
    var rest: SQL = ""
    private var narrowed: SQL = "1 = 1"
    private let order: ProfileOrder
    /// From the first to before the last in the order of the values: one bound on either side, since a planner that has
    /// two takes one for the scan and goes on looking where the other has long ruled everything out.
    private var lower: ProfileList.Place?
    private var upper: ProfileList.Place?

    /// What the scan covers, or its part down to a place.
    func condition(downTo border: ProfileList.Place? = nil) -> SQL {
        var condition = narrowed
        if let place = border ?? lower {
            condition += " AND (\(raw: order.column), id) >= (\(place.value), \(place.id))"
        }
        if let place = upper {
            condition += " AND (\(raw: order.column), id) < (\(place.value), \(place.id))"
        }
        return condition
    }

    init(
        _ filter: ProfileFilter, _ order: ProfileOrder, _ place: ProfileList.Place?, _ groups: SQL,
        _ dialect: SQLDialect
    ) throws {
        self.order = order
        narrow(filter, order)
        bound(filter.lastSeen.map { $0.lowerBound.milliseconds..<$0.upperBound.milliseconds }, .lastSeen, order)
        bound(filter.spend, .spend, order)
        if let place, upper.map({ (place.value, place.id) < ($0.value, $0.id) }) ?? true { upper = place }
        if let ids = filter.ids { narrowed += " AND id IN (\(list: ids.sorted()))" }
        rest += groups
        if let score = filter.recencyScore { rest += " AND rfm_r = \(score)" }
        if let score = filter.frequencyScore { rest += " AND rfm_f = \(score)" }
        if let source = filter.sourceID { rest += " AND source_id = \(source)" }
        if let identified = filter.isIdentified { rest += " AND identified = \(identified)" }
        if let seen = filter.firstSeen {
            rest += """
                 AND first_seen_ms >= \(seen.lowerBound.milliseconds)
                 AND first_seen_ms < \(seen.upperBound.milliseconds)
                """
        }
        for channel in Consent.channels {
            guard let wanted = filter.consent[channel] else { continue }
            let given = dialect.jsonFlag("state", ["c", channel, "v"])
            rest += wanted == .unknown ? " AND \(raw: given) IS NULL" : " AND \(raw: given) = \(wanted == .granted)"
        }
    }

    /// One index serves a page: that of the class or of the stage when sorted by last seen, else that of the order.
    private mutating func narrow(_ filter: ProfileFilter, _ order: ProfileOrder) {
        if let rfmClass = filter.rfmClass {
            if order == .lastSeen {
                narrowed += " AND rfm_class = \(rfmClass)"
            } else {
                rest += " AND coalesce(rfm_class, '') = \(rfmClass)"
            }
        }
        if let stage = filter.stage {
            if order == .lastSeen, filter.rfmClass == nil {
                narrowed += " AND stage = \(stage)"
            } else {
                rest += " AND coalesce(stage, '') = \(stage)"
            }
        }
    }

    /// A range on the column sorted by narrows the scan; one on the other is looked at row by row.
    private mutating func bound(_ range: Range<Int64>?, _ column: ProfileOrder, _ order: ProfileOrder) {
        guard let range else { return }
        if column == order {
            lower = ProfileList.Place(range.lowerBound, .min)
            upper = ProfileList.Place(range.upperBound, .min)
        } else {
            rest += """
                 AND (\(raw: column.column) + 0) >= \(range.lowerBound)
                 AND (\(raw: column.column) + 0) < \(range.upperBound)
                """
        }
    }
}
