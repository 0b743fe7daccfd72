import Engine
import Storage

/// What staff do about pools, in the name of whom they speak with: each step is in the audit log.
enum PoolActions {
    static func create(_ request: PageRequest) async throws -> Reply {
        let (member, form, actor) = (try request.id("member"), request.form, request.actor)
        let effects = request.platform.effects
        do {
            let made = try await request.platform.store.write {
                try PointsPools.create(
                    form.text("name"), by: member, key: form.text("key"), actor: actor, effects, $0)
            }
            return .redirect(to: "/points/pools/\(made.pool.id)", notice: "pool.created")
        } catch {
            return try await MemberPage.answer(request, member, problem: try await say(error, request))
        }
    }

    /// Puts points of the member into their pool.
    static func put(_ request: PageRequest) async throws -> Reply {
        let (member, form, effects) = (try request.id("member"), request.form, request.platform.effects)
        let known = try await request.platform.store.read { try PointsCurrencies.list($0).map(\.currency) }
        guard let currency = known.first(where: { $0.code == form.text("currency") }),
            let amount = PointsWords.parse(form.text("amount"), scale: currency.scale)
        else { return try await MemberPage.answer(request, member, problem: request.text("points.refused_form")) }
        do {
            try await request.platform.store.write { connection in
                guard let pool = try PointsPools.of(member, connection) else { throw PoolError.notInPool }
                _ = try Points.perform(
                    .contribute(
                        member: member, pool: pool.id, currency: currency.code, amount, key: form.text("key"),
                        note: [:]), effects: effects, connection)
            }
            return .redirect(to: "/members/\(member)", notice: "pool.put_done")
        } catch {
            return try await MemberPage.answer(request, member, problem: try await say(error, request))
        }
    }

    static func accept(_ request: PageRequest) async throws -> Reply {
        let (actor, effects) = (request.actor, request.platform.effects)
        return try await answerInvitation(request, "pool.joined") { id, member, connection in
            _ = try PoolInvitations.accept(id, by: member, actor: actor, effects, connection)
        }
    }

    static func refuse(_ request: PageRequest) async throws -> Reply {
        let (actor, now) = (request.actor, request.now)
        return try await answerInvitation(request, "pool.refused") { id, member, connection in
            _ = try PoolInvitations.refuse(id, by: member, actor: actor, at: now, connection)
        }
    }

    private static func answerInvitation(
        _ request: PageRequest, _ notice: String,
        _ body: @escaping @Sendable (Int64, Int64, any SQLConnection) throws -> Void
    ) async throws -> Reply {
        let (member, id) = (try request.id("member"), try request.id("invitation"))
        do {
            try await request.platform.store.write { try body(id, member, $0) }
            return .redirect(to: "/members/\(member)", notice: notice)
        } catch {
            return try await MemberPage.answer(request, member, problem: try await say(error, request))
        }
    }

    // MARK: On the pool's page

    static func invite(_ request: PageRequest) async throws -> Reply {
        let (number, actor, effects) = (request.form.text("number"), request.actor, request.platform.effects)
        return try await perform(request, "pool.invited") { id, connection in
            guard let account = try PointsAccounts.numbered(number, connection) else {
                throw PointsError.accountNotFound(0)
            }
            _ = try PoolInvitations.invite(account.id, to: id, by: nil, actor: actor, effects, connection)
        }
    }

    static func withdraw(_ request: PageRequest) async throws -> Reply {
        let (invitation, actor, now) = (try request.id("invitation"), request.actor, request.now)
        return try await perform(request, "pool.withdrawn") { id, connection in
            guard try PoolInvitations.get(invitation, connection).pool == id else {
                throw PoolError.invitationNotFound(invitation)
            }
            _ = try PoolInvitations.withdraw(invitation, by: nil, actor: actor, at: now, connection)
        }
    }

    static func change(_ request: PageRequest) async throws -> Reply {
        let (member, form, actor) = (try request.id("member"), request.form, request.actor)
        let effects = request.platform.effects
        let change = PointsPools.Change(
            maySpend: form["spends"] != nil, share: Int64(form.text("share")) ?? -1,
            becomesOwner: form["owner"] != nil)
        return try await perform(request, "frame.saved") { id, connection in
            _ = try PointsPools.change(change, of: member, in: id, by: nil, actor: actor, effects, connection)
        }
    }

    static func leave(_ request: PageRequest) async throws -> Reply {
        let (member, actor, effects) = (try request.id("member"), request.actor, request.platform.effects)
        return try await perform(request, "pool.left") { id, connection in
            _ = try PointsPools.leave(member, pool: id, by: nil, actor: actor, effects, connection)
        }
    }

    static func dissolve(_ request: PageRequest) async throws -> Reply {
        let (actor, effects) = (request.actor, request.platform.effects)
        return try await perform(request, "pool.dissolved") { id, connection in
            _ = try PointsPools.dissolve(id, by: nil, actor: actor, effects, connection)
        }
    }

    private static func perform(
        _ request: PageRequest, _ notice: String, _ body: @escaping @Sendable (Int64, any SQLConnection) throws -> Void
    ) async throws -> Reply {
        let id = try request.id("pool")
        do {
            try await request.platform.store.write { try body(id, $0) }
            return .redirect(to: "/points/pools/\(id)", notice: notice)
        } catch {
            return try await PoolPage.answer(request, problem: try await say(error, request))
        }
    }

    /// Why it was refused; faults of ours, and what is not there, are thrown on.
    private static func say(_ error: any Error, _ request: PageRequest) async throws -> String {
        let currencies = try await request.platform.store.read { try PointsCurrencies.list($0).map(\.currency) }
        switch error {
        case PoolError.notFound: throw PageFailure.notFound
        case let error as PoolError: return PoolWords(currencies, request.wording).problem(error)
        case PointsError.broken: throw error
        case let error as PointsError: return PointsProblem.say(error, PointsWords(currencies, request.wording))
        default: throw error
        }
    }
}
