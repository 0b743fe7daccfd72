import Storage

/// What a template can say of a person: the names and, for one person, the values.
package enum TemplateValues {
    private static let lotsRead = 200

    /// The names that there are: traits as the catalogue knows them. Throws: `StorageError`.
    package static func names(_ connection: any SQLConnection) throws -> LiquidNames {
        let traits = try CatalogueList.traits(connection).map(\.name)
        let leaves = { (names: [String]) in
            LiquidNames.members(Dictionary(names.map { ($0, LiquidNames.anything) }) { a, _ in a })
        }
        var person: [String: LiquidNames] = Dictionary(
            [
                "id", "name", "first_name", "email", "phone", "language", "stage", "rfm_class", "order_count", "spend",
            ].map { ($0, LiquidNames.anything) }
        ) { a, _ in a }
        person["traits"] = leaves(traits)
        return .members([
            "person": .members(person), "event": .anything,
            "points": leaves(["available", "pending", "currency", "number", "expiring", "expires_on"]),
            "tier": leaves(["code", "name", "since"]), "coupon": leaves(["code", "name", "valid_until"]),
            "brand": leaves(["name", "currency"]), "unsubscribe_url": .anything, "preferences_url": .anything,
            OptInLetter.name: .anything,
        ])
    }

    /// What is looked up only where a template asks for it.
    static let parts: Set<String> = ["points", "tier", "coupon"]

    /// `only`: those of `parts` that are asked for. Throws: `StorageError`.
    package static func load(
        _ person: RecipientFacts, event: JSONValue, _ workspace: Workspace, at now: Timestamp,
        only asked: Set<String>? = nil, _ connection: any SQLConnection
    ) throws -> [String: JSONValue] {
        let asked = asked ?? parts
        let profile = person.profile
        let name = person.state.value("name", "full_name", "fullName", "nickname")?.stringValue ?? person.displayName
        let first = person.state.value("first_name", "firstName", "given_name")?.stringValue ?? name
        return [
            "person": [
                "id": JSONValue(id: person.profileID), "name": .string(name), "first_name": .string(first),
                "email": JSONValue(person.emails.first), "phone": person.state.value("phone", "mobile") ?? .null,
                "language": .string(person.language), "stage": JSONValue(profile.stage),
                "rfm_class": JSONValue(profile.rfmClass), "order_count": .integer(profile.orderCount),
                "spend": .integer(profile.netSpend), "traits": .object(person.state.values),
            ],
            "event": event,
            "points": asked.contains("points") ? try points(person.profileID, workspace, at: now, connection) : [:],
            "tier": asked.contains("tier") ? try tier(profile, person.language, connection) : [:],
            "coupon": asked.contains("coupon")
                ? try coupon(person.profileID, event, workspace, at: now, connection) : [:],
            "brand": ["name": .string(workspace.name), "currency": .string(workspace.currency)],
        ]
    }

    private static func points(
        _ profile: Int64, _ workspace: Workspace, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> JSONValue {
        guard let account = try PointsAccounts.ofProfile(profile, connection), account.closedAt == nil,
            let (currency, balance) = account.balances.min(by: { $0.key < $1.key })
        else { return [:] }
        let lots = try PointsAccounts.lots(
            of: account.id, currency: currency, onlyOpen: true, limit: lotsRead, connection
        ).filter { lot in lot.remaining > 0 && lot.expiresAt.map { $0 > now } ?? false }
        let next = lots.compactMap(\.expiresAt).min()
        let expiring = lots.filter { $0.expiresAt == next }.reduce(0) { $0 + $1.remaining }
        return [
            "available": .integer(balance.available), "pending": .integer(balance.pending),
            "currency": .string(currency), "number": .string(account.number), "expiring": .integer(expiring),
            "expires_on": JSONValue(
                next.map { LocalCalendar.text(ofDay: workspace.calendar.day(of: $0.adding(milliseconds: -1))) }),
        ]
    }

    private static func tier(
        _ profile: Profile, _ language: String, _ connection: any SQLConnection
    ) throws -> JSONValue {
        guard let code = profile.tier, let ladder = try TierLadders.current(connection)?.ladder else { return [:] }
        return [
            "code": .string(code), "name": .string(ladder.name(code, language)),
            "since": JSONValue(profile.tierSinceMS.map { Timestamp(milliseconds: $0).iso8601 }),
        ]
    }

    /// The one that the event is about, or the next to lapse of those that the person holds.
    private static func coupon(
        _ profile: Int64, _ event: JSONValue, _ workspace: Workspace, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> JSONValue {
        let held = try CouponList.page(
            CouponList.Filter(profile: profile, state: .issued), limit: lotsRead, connection
        ).filter { shown in shown.coupon.until.map { $0 > now } ?? true }
        let asked = event["code"]?.stringValue
        let chosen =
            held.first { $0.coupon.code == asked }
            ?? held.min { ($0.coupon.until ?? .distantFuture) < ($1.coupon.until ?? .distantFuture) }
        guard let chosen else { return [:] }
        return [
            "code": .string(chosen.coupon.code), "name": .string(chosen.name),
            "valid_until": JSONValue(
                chosen.coupon.until.map {
                    LocalCalendar.text(ofDay: workspace.calendar.day(of: $0.adding(milliseconds: -1)))
                }),
        ]
    }
}

extension Timestamp {
    fileprivate static let distantFuture = Timestamp(milliseconds: .max)
}
