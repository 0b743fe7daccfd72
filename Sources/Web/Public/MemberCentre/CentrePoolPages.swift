import Engine
import HTTPTypes

/// The household's pool: looked at, joined, filled, changed, left.
enum CentrePoolPages {
    static func show(_ request: CentreRequest) async throws -> CentreReply { try await answer(request) }

    static func create(_ request: CentreRequest) async throws -> CentreReply {
        let form = request.form
        return try await perform(request, "pool.created") {
            try await CentrePools.create(
                form.text("name"), key: form.text("key"), request.session, request.platform)
        }
    }

    static func put(_ request: CentreRequest) async throws -> CentreReply {
        let form = request.form
        let known = try await request.platform.store.read { try PointsCurrencies.list($0).map(\.currency) }
        guard let currency = known.first(where: { $0.code == form.text("currency") && $0.isPoolable }),
            let amount = PointsWords.parse(form.text("amount"), scale: currency.scale),
            (1...PointsLimits.amountMax).contains(amount)
        else { return try await answer(request, problem: request.text("centre.bad_amount")) }
        let gift = CentreGiving.Gift(currency: currency.code, amount: amount, key: form.text("key"))
        return try await perform(request, "pool.put_done") {
            try await CentrePools.put(gift, request.session, request.platform)
        }
    }

    static func share(_ request: CentreRequest) async throws -> CentreReply {
        let change = PointsPools.Change(share: Int64(request.form.text("share")) ?? -1)
        return try await perform(request, "frame.saved") {
            try await CentrePools.change(change, of: request.account.id, request.session, request.platform)
        }
    }

    /// Whether somebody may spend; or the pool becomes theirs.
    static func change(_ request: CentreRequest) async throws -> CentreReply {
        let member = try request.id("member")
        var change = PointsPools.Change(becomesOwner: request.form.text("what") == "owner")
        if !change.becomesOwner { change.maySpend = request.form.text("what") == "spend" }
        let wanted = change
        return try await perform(request, "frame.saved") {
            try await CentrePools.change(wanted, of: member, request.session, request.platform)
        }
    }

    static func leave(_ request: CentreRequest) async throws -> CentreReply {
        let member = try request.id("member")
        return try await perform(request, "pool.left") {
            try await CentrePools.leave(member, request.session, request.platform)
        }
    }

    static func dissolve(_ request: CentreRequest) async throws -> CentreReply {
        try await perform(request, "pool.dissolved") {
            try await CentrePools.dissolve(request.session, request.platform)
        }
    }

    static func invite(_ request: CentreRequest) async throws -> CentreReply {
        let recipient = request.form.text("recipient")
        return try await perform(request, "pool.invited") {
            try await CentrePools.invite(recipient, request.session, request.platform)
        }
    }

    static func accept(_ request: CentreRequest) async throws -> CentreReply {
        let id = try request.id("invitation")
        return try await perform(request, "pool.joined") {
            try await CentrePools.accept(id, request.session, request.platform)
        }
    }

    static func refuse(_ request: CentreRequest) async throws -> CentreReply {
        let id = try request.id("invitation")
        return try await perform(request, "pool.refused") {
            try await CentrePools.refuse(id, request.session, request.platform)
        }
    }

    static func withdraw(_ request: CentreRequest) async throws -> CentreReply {
        let id = try request.id("invitation")
        return try await perform(request, "pool.withdrawn") {
            try await CentrePools.withdraw(id, request.session, request.platform)
        }
    }

    // MARK: -

    private static func perform(
        _ request: CentreRequest, _ notice: String, _ body: () async throws -> Void
    ) async throws -> CentreReply {
        do {
            try await body()
            return .redirect(to: "/m/pool", notice: notice)
        } catch PoolError.notFound {
            throw PageFailure.notFound
        } catch let error as PoolError {
            let words = PoolWords(try await currencies(request), request.wording)
            return try await answer(request, problem: words.problem(error))
        } catch PointsError.insufficient(let available, let wanted) {
            let words = PointsWords(try await currencies(request), request.wording)
            let code = request.form.text("currency")
            return try await answer(
                request,
                problem: request.text(
                    "centre.too_little",
                    ["available": words.full(available, code), "wanted": words.full(wanted, code)]))
        } catch PointsError.keyReused {
            return try await answer(request, problem: request.text("centre.sent_before"))
        } catch CentreError.noRecipient, PointsError.accountClosed {
            return try await answer(request, problem: request.text("centre.no_recipient"))
        } catch CentreError.form(field: "recipient") {
            return try await answer(request, problem: request.text("centre.bad_recipient"))
        }
    }

    private static func currencies(_ request: CentreRequest) async throws -> [PointsCurrency] {
        try await request.platform.store.read { try PointsCurrencies.list($0).map(\.currency) }
    }

    private static func answer(_ request: CentreRequest, problem: String? = nil) async throws -> CentreReply {
        let (member, now) = (request.account.id, request.now)
        let facts = try await request.platform.store.read { try CentrePoolFacts.load(member, at: now, $0) }
        var model = facts.model(request)
        model.problem = problem
        let title = facts.pool.map { PoolWords(facts.money.currencies, request.wording).name($0) }
        return .page(
            CentrePage(
                "pool", title: title ?? request.text("centre.place_pool"), place: "home", model: model,
                status: problem == nil ? .ok : .unprocessableContent))
    }
}
