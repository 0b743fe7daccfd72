import Storage

/// The program: put in force, changed mid-year, and the tiers that it gives by hand.
extension SimulatedYear {
    /// Currencies that the program speaks of, and the program itself.
    mutating func install() async throws {
        let program = program
        let codes = Set(program.rules.rules.map(\.currency)).union(try ladderCurrencies()).subtracting(Self.currencies)
        let (now, effects) = (clock.now, platform.effects)
        try await platform.store.write { connection in
            for code in codes.sorted() {
                _ = try PointsCurrencies.create(PointsCurrency(code: code), at: now, connection)
            }
            try ProgramVersions.install(
                title: "Simulated", document: program.text, by: "simulation", effects: effects, connection)
        }
    }

    private func ladderCurrencies() throws -> Set<String> {
        guard let tiers = program.tiers else { return [] }
        return Set(try TierLadders.ladder(of: tiers).currencies)
    }

    /// Names of events that some rule looks at, orders aside.
    static func eventNames(_ program: LoyaltyProgram) -> [String] {
        Set(program.rules.rules.flatMap(\.kind.events)).filter { OrderAction.of(eventName: $0) == nil }.sorted()
    }

    /// A new version mid-year: one rule gives another number of points, the pyramid another grace. What was judged
    /// before keeps the version that judged it.
    mutating func publishVersion() async throws {
        guard case .object(var document) = program.json else { return }
        if var rules = document["rules"]?.arrayValue, !rules.isEmpty {
            let place = random.whole(0...rules.count - 1)
            if case .object(var rule) = rules[place], let points = rule["points"]?.intValue {
                rule["points"] = .integer(min(points * Int64(random.whole(1...3)), 1_000_000))
                rules[place] = .object(rule)
            }
            document["rules"] = .array(rules)
        }
        if case .object(var tiers)? = document["tiers"] {
            tiers["grace_days"] = .integer(Int64(random.whole(0...14)))
            tiers["soft_landing"] = .bool(random.chance(0.5))
            document["tiers"] = .object(tiers)
        }
        let (text, effects) = (JSONValue.object(document).text(), platform.effects)
        try await survive { platform, _ in
            _ = try await platform.store.write {
                try ProgramVersions.install(
                    title: "Simulated", document: text, by: "simulation", effects: effects, $0)
            }
        }
        report.versions += 1
    }

    /// A tier by hand, or the end of one.
    mutating func grantTier() async throws {
        let member = someone()
        let (account, effects) = (members[member].account, platform.effects)
        let until = random.chance(0.7) ? clock.now.adding(days: random.whole(1...90)) : nil
        guard let tiers = program.tiers, let code = try TierLadders.ladder(of: tiers).tiers.last?.code else { return }
        let isEnd = random.chance(0.3)
        do {
            try await survive { platform, _ in
                try await platform.store.write { connection in
                    let events: [SystemEvent]
                    if isEnd, let last = try TierGrants.list(member: account, limit: 1, connection).first {
                        events = try TierGrants.end(last.id, effects: effects, connection).events
                    } else {
                        events = try TierGrants.give(
                            code, to: account, until: until, reason: "simulated", by: "simulation", effects: effects,
                            connection
                        ).events
                    }
                    try SystemEventLog.append(events, now: effects.now(), effects: effects, to: connection)
                }
            }
        } catch is TierError {
            report.refused += 1
        }
        report.grants += 1
        try await auditTier(of: account, "grant of a tier")
    }
}
