import Storage

/// What the workspace has, for checking definitions against it and for telling them in words.
package struct CriteriaWorld: Sendable {
    /// Traits of the catalogue with their declared type, or the one seen last.
    package var traits: [String: FieldType] = [:]
    package var declaredTraits: Set<String> = []
    package var events: Set<String> = []
    package var sources: [Int64: String] = [:]
    package var segments: [Int64: SegmentFacts] = [:]
    package var tags = TagTree()
    package var scores: [Int64: ScoreFacts] = [:]
    /// Names of the tiers that there are, by code and language, the lowest first.
    package var tiers: [String: [String: String]] = [:]
    package var tierOrder: [String] = []
    /// Names of the currencies of points, by code and language, in the order in which they were made.
    package var currencies: [String: [String: String]] = [:]
    package var currencyOrder: [String] = []
    /// Names of the definitions of coupons.
    package var coupons: [Int64: String] = [:]

    package struct ScoreFacts: Sendable, Equatable {
        package var name: String
        package var definition: String
    }

    package struct SegmentFacts: Sendable, Equatable {
        package var name: String
        /// Nil: a list of people.
        package var criteria: String?

        package init(name: String, criteria: String?) {
            self.name = name
            self.criteria = criteria
        }
    }

    package init() {}

    /// Throws: `StorageError`.
    package static func load(_ connection: any SQLConnection) throws -> CriteriaWorld {
        var world = try names(connection)
        let fields = try connection.query(
            "SELECT name, seen_type, declared_type FROM catalogue_fields WHERE owner = 'trait'")
        for row in fields {
            let name = try row.text(0)
            let declared = try row.textOrNil(2)
            world.traits[name] = FieldType(rawValue: try declared ?? row.text(1))
            if declared != nil { world.declaredTraits.insert(name) }
        }
        for row in try connection.query("SELECT name FROM catalogue_events") {
            world.events.insert(try row.text(0))
        }
        return world
    }

    /// What definitions are told in words with, without what they are checked against: traits and events.
    /// Throws: `StorageError`.
    package static func names(_ connection: any SQLConnection) throws -> CriteriaWorld {
        var world = CriteriaWorld()
        for row in try connection.query("SELECT id, name FROM sources") {
            world.sources[try row.int(0)] = try row.text(1)
        }
        for row in try connection.query("SELECT id, name, kind, criteria FROM segments WHERE deleted_ms IS NULL") {
            let isDynamic = try row.text(2) == "dynamic"
            world.segments[try row.int(0)] = SegmentFacts(
                name: try row.text(1), criteria: isDynamic ? try row.text(3) : nil)
        }
        world.tags = try TagTree.load(connection)
        for row in try connection.query("SELECT id, name, definition FROM score_models WHERE deleted_ms IS NULL") {
            world.scores[try row.int(0)] = ScoreFacts(name: try row.text(1), definition: try row.text(2))
        }
        if let ladder = try TierLadders.current(connection)?.ladder {
            world.tierOrder = ladder.tiers.map(\.code)
            for tier in ladder.tiers { world.tiers[tier.code] = tier.names }
        }
        for stored in try PointsCurrencies.list(connection) {
            world.currencyOrder.append(stored.currency.code)
            world.currencies[stored.currency.code] = stored.currency.names
        }
        for row in try connection.query("SELECT id, name FROM coupon_definitions") {
            world.coupons[try row.int(0)] = try row.text(1)
        }
        return world
    }

    /// The names of segments alone. Throws: `StorageError`.
    static func segmentNames(_ connection: any SQLConnection) throws -> [Int64: String] {
        var names: [Int64: String] = [:]
        for row in try connection.query("SELECT id, name FROM segments WHERE deleted_ms IS NULL") {
            names[try row.int(0)] = try row.text(1)
        }
        return names
    }
}
