import Storage

/// Coupons for people: issued to one, claimed by one, or one code for everybody.
package enum CouponIssuing {
    /// A coupon and whether it is a new one: the same key issues nothing again.
    package struct Answer: Sendable {
        package var coupon: Coupon
        package var rule: CouponRule
        package var isRepeat: Bool
    }

    /// Issues a coupon to a person. `key` stands for what it is issued for, for all time.
    /// Throws: `CouponError`, `ProfileError.notFound`, `StorageError`.
    package static func issue(
        _ definition: Int64, to profile: Int64, key: String, by actor: String, _ platform: Platform
    ) async throws -> Answer {
        let effects = platform.effects
        return try await platform.store.write { connection in
            let now = effects.now()
            let (answer, events) = try issue(
                definition, to: profile, key: key, by: actor, at: now, effects, connection)
            try SystemEventLog.append(events, now: now, effects: effects, to: connection)
            return answer
        }
    }

    /// The same in the open transaction, with what it says handed over: for other rooms that give coupons. What is refused
    /// has written nothing, so that the transaction may go on. `printed`: code and end of what was held elsewhere before.
    /// Throws: `CouponError`, `ProfileError.notFound`, `StorageError`.
    package static func issue(
        _ definition: Int64, to profile: Int64, key: String, printed: CouponPrinted = CouponPrinted(), by actor: String,
        at now: Timestamp, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> (Answer, [SystemEvent]) {
        guard (1...CouponLimits.keyBytes).contains(key.utf8.count) else { throw CouponError.key(key) }
        let person = try ProfileDetail.resolve(profile, connection)
        if let first = try issued(key, definition, person, connection) { return (first, []) }
        let found = try active(definition, connection)
        try checkLimits(found, for: person, connection)
        let pattern = try CouponPattern(CouponPattern.personal)
        let calendar = try Workspace.load(connection).calendar
        var random = CouponRandom(effects.randomBytes)
        let span = found.rule.validity.span(issuedAt: now, calendar)
        for _ in 0..<(printed.code == nil ? drawsMax : 1) {
            var coupon = Coupon(
                id: effects.newID(), code: printed.code ?? pattern.code(&random), definitionID: definition,
                version: found.version,
                kind: .personal, profileID: person, issuedAt: now, from: span.from,
                until: printed.until ?? span.until, left: found.rule.benefit.face)
            guard try insert(coupon, key: key, connection) else {
                // The key was used at the same moment; else the code was drawn before, and another is drawn.
                if let first = try issued(key, definition, person, connection) { return (first, []) }
                continue
            }
            let events = try note(
                CouponEntry(.issued, at: now, profileID: person, note: key), coupon, found.rule, by: actor, connection)
            coupon.sequence = 1
            return (Answer(coupon: coupon, rule: found.rule, isRepeat: false), events)
        }
        throw CouponError.codeTaken(printed.code ?? pattern.text)
    }

    /// Whether one more may be given to somebody, with the counts locked. Throws: `CouponError.issueLimit`,
    /// `.personIssueLimit`.
    static func checkLimits(
        _ found: CouponDefinition, for person: Int64, _ connection: any SQLConnection
    ) throws {
        let limits = found.rule.limits
        if let most = limits.issued {
            let row = try connection.first(
                """
                SELECT issued FROM coupon_definitions WHERE id = \(found.id)\(raw: connection.dialect.forUpdate)
                """)
            guard try row?.int(0) ?? 0 < most else { throw CouponError.issueLimit(most) }
        }
        guard let most = limits.issuedPerPerson else { return }
        let row = try connection.first(
            """
            SELECT issued FROM coupon_people WHERE profile_id = \(person) AND definition_id = \(found.id)\
            \(raw: connection.dialect.forUpdate)
            """)
        guard try row?.int(0) ?? 0 < most else { throw CouponError.personIssueLimit(most) }
    }

    /// Makes one code for everybody. Throws: `CouponError`, `StorageError`.
    package static func share(
        _ definition: Int64, code typed: String, usesMax: Int64?, by actor: String, _ platform: Platform
    ) async throws -> Answer {
        let code = try checked(code: typed)
        guard usesMax.map({ (1...CouponLimits.countMax).contains($0) }) ?? true else {
            throw CouponError.invalid(field: "uses_max", reason: "must be 1 to \(CouponLimits.countMax)")
        }
        let effects = platform.effects
        return try await platform.store.write { connection in
            let now = effects.now()
            let found = try active(definition, connection)
            let span = found.rule.validity.span(issuedAt: now, try Workspace.load(connection).calendar)
            if case .amount(_, keepsRest: true) = found.rule.benefit {
                throw CouponError.invalid(field: "benefit", reason: "what keeps its rest cannot be shared by everybody")
            }
            let coupon = Coupon(
                id: effects.newID(), code: code, definitionID: definition, version: found.version, kind: .shared,
                issuedAt: now, from: span.from, until: span.until, usesMax: usesMax)
            guard try insert(coupon, key: nil, connection) else { throw CouponError.codeTaken(code) }
            _ = try note(CouponEntry(.issued, at: now), coupon, found.rule, by: actor, connection)
            return Answer(coupon: coupon, rule: found.rule, isRepeat: false)
        }
    }

    /// Somebody makes a code theirs: one of a batch becomes their own, of a shared one they get a coupon. Again: the
    /// same answer. Throws: `CouponError.notYours`, `.notClaimable`, `.refused` with an unknown code, `.throttled` and
    /// others, `ProfileError.notFound`, `StorageError`.
    package static func claim(
        code typed: String, by profile: Int64, actor caller: CouponCaller, _ platform: Platform
    ) async throws -> Answer {
        let actor = caller.actor
        let (effects, code) = (platform.effects, CouponPattern.normal(typed))
        let answer = try await platform.store.write { connection -> Answer? in
            let now = effects.now()
            let person = try ProfileDetail.resolve(profile, connection)
            try CouponThrottle.check(caller, person, at: now, connection)
            let loaded = try CouponRows.load("code = \(code)", forUpdate: true, connection)
            guard var item = loaded.first else {
                try CouponThrottle.note(1, by: caller, person, at: now, connection)
                return nil
            }
            item.life.advance(to: now)
            let coupon = item.life.coupon
            if coupon.kind == .shared {
                guard coupon.state == .issued, coupon.from <= now else { throw CouponError.notClaimable }
                let (answer, events) = try issue(
                    coupon.definitionID, to: person, key: "claim:\(coupon.id):\(person)", by: actor, at: now, effects,
                    connection)
                try SystemEventLog.append(events, now: now, effects: effects, to: connection)
                return answer
            }
            if coupon.profileID == person { return Answer(coupon: coupon, rule: item.life.rule, isRepeat: true) }
            guard coupon.profileID == 0 else { throw CouponError.notYours }
            guard coupon.state == .issued, !item.isBatchVoided, item.status == .active else {
                throw CouponError.notClaimable
            }
            item.life.claim(by: person, at: now, try Workspace.load(connection).calendar)
            let events = try CouponRows.save([item], by: actor, connection)
            try SystemEventLog.append(events, now: now, effects: effects, to: connection)
            return Answer(coupon: item.life.coupon, rule: item.life.rule, isRepeat: false)
        }
        guard let answer else {
            throw CouponError.refused([.init(code: code, reasons: [Coupons.unknown(code)])])
        }
        return answer
    }

    /// A code that people may be told: letters, digits and hyphens. Throws: `CouponError.code`.
    static func checked(code typed: String) throws -> String {
        let code = CouponPattern.normal(typed)
        let isPlain = code.utf8.allSatisfy {
            (65...90).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-")
        }
        guard (3...CouponLimits.patternCharacters).contains(code.utf8.count), isPlain else {
            throw CouponError.code(typed)
        }
        return code
    }

    /// Takes a coupon back that nobody has used. Throws: `CouponError.notVoidable`, `.couponNotFound`, `StorageError`.
    package static func void(
        _ id: Int64, reason: String, by actor: String, _ platform: Platform
    ) async throws -> Coupon {
        let effects = platform.effects
        return try await platform.store.write { connection in
            let now = effects.now()
            let loaded = try CouponRows.load("id = \(id)", over: now, forUpdate: true, connection)
            guard var item = loaded.first else { throw CouponError.couponNotFound(String(id)) }
            item.life.advance(to: now)
            try item.life.void(at: now, reason: reason)
            let events = try CouponRows.save([item], by: actor, connection)
            try SystemEventLog.append(events, now: now, effects: effects, to: connection)
            return item.life.coupon
        }
    }

    private static let drawsMax = 5

    /// Throws: `CouponError.definitionNotFound`, `.definitionEnded`.
    static func active(_ id: Int64, _ connection: any SQLConnection) throws -> CouponDefinition {
        let found = try CouponDefinitions.get(id, connection)
        guard found.status == .active else { throw CouponError.definitionEnded }
        return found
    }

    private static func issued(
        _ key: String, _ definition: Int64, _ person: Int64, _ connection: any SQLConnection
    ) throws -> Answer? {
        let row = try connection.first("SELECT \(raw: CouponRows.columns) FROM coupons WHERE issue_key = \(key)")
        guard let row else { return nil }
        let coupon = try CouponRows.coupon(row)
        guard coupon.definitionID == definition, coupon.profileID == person else { throw CouponError.keyReused(key) }
        let rule = try CouponDefinitions.rule(definition, version: coupon.version, connection)
        return Answer(coupon: coupon, rule: rule, isRepeat: true)
    }

    private static func insert(_ coupon: Coupon, key: String?, _ connection: any SQLConnection) throws -> Bool {
        let until = (coupon.until?.milliseconds).sqlValue
        return try connection.execute(
            """
            INSERT INTO coupons (id, code, definition_id, version, batch_id, kind, profile_id, state, issued_ms, from_ms,
                until_ms, amount_left, uses_max, uses, sequence, due_ms, issue_key)
            VALUES (\(coupon.id), \(coupon.code), \(coupon.definitionID), \(coupon.version), \(coupon.batchID),
                \(coupon.kind.rawValue), \(coupon.profileID), 'issued', \(coupon.issuedAt.milliseconds),
                \(coupon.from.milliseconds), \(until), \(coupon.left.sqlValue), \(coupon.usesMax.sqlValue), 0, 1,
                \(until), \(key.sqlValue))
            ON CONFLICT DO NOTHING
            """) == 1
    }

    private static func note(
        _ entry: CouponEntry, _ coupon: Coupon, _ rule: CouponRule, by actor: String, _ connection: any SQLConnection
    ) throws -> [SystemEvent] {
        let life = CouponLife(coupon, rule, written: [entry])
        try CouponRows.write([life], by: actor, connection)
        try CouponRows.count([life], connection)
        return CouponEvents.said(by: life)
    }
}
