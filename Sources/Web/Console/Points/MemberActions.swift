import Engine
import Storage

/// What is done to one account by hand: each form carries a key, so that sent twice it counts once.
enum MemberActions {
    static func adjust(_ request: PageRequest) async throws -> Reply {
        try await perform(request, "member.adjusted") { form, id, currency in
            guard let amount = PointsWords.parse(form.text("amount"), scale: currency.scale) else { return nil }
            return .adjust(
                account: id, currency: currency.code, form.text("sign") == "-" ? -amount : amount,
                key: form.text("key"), note: ["reason": form.text("reason")])
        }
    }

    static func donate(_ request: PageRequest) async throws -> Reply {
        try await perform(request, "member.donated") { form, id, currency in
            guard let amount = PointsWords.parse(form.text("amount"), scale: currency.scale) else { return nil }
            return .donate(
                account: id, currency: currency.code, amount, key: form.text("key"),
                note: ["cause": form.text("cause")])
        }
    }

    static func transfer(_ request: PageRequest) async throws -> Reply {
        let number = request.form.text("to")
        let other = try await request.platform.store.read { try PointsAccounts.numbered(number, $0) }
        return try await perform(request, "member.transferred") { form, id, currency in
            guard let amount = PointsWords.parse(form.text("amount"), scale: currency.scale) else { return nil }
            return .transfer(
                from: id, to: other?.id ?? 0, currency: currency.code, amount, key: form.text("key"), note: [:])
        }
    }

    static func extend(_ request: PageRequest) async throws -> Reply {
        let (until, lots) = (day(request), lots(request.form))
        return try await perform(request, "member.extended", currency: lots.first?.currency) { form, id, currency in
            guard let until, !lots.isEmpty else { return nil }
            return .extend(
                account: id, currency: currency.code, lots: lots.map(\.number), to: until, key: form.text("key"),
                note: ["reason": form.text("reason")])
        }
    }

    static func reinstate(_ request: PageRequest) async throws -> Reply {
        let (until, lots) = (day(request), lots(request.form))
        return try await perform(request, "member.reinstated", currency: lots.first?.currency) { form, id, currency in
            guard let until, let lot = lots.first else { return nil }
            return .reinstate(
                account: id, currency: currency.code, lot: lot.number, nil, until: until, key: form.text("key"),
                note: ["reason": form.text("reason")])
        }
    }

    /// Makes a person a member.
    static func enrol(_ request: PageRequest) async throws -> Reply {
        let (profile, effects, actor) = (try request.id("person"), request.platform.effects, request.actor)
        do {
            let account = try await request.platform.store.write { connection in
                let opened = try ProgramMembers.enrol(profile: profile, effects: effects, connection)
                if opened.isNew {
                    try AuditLog.append(
                        actor: actor, action: "member.enrol", subject: "profile:\(opened.account.profileID)",
                        detail: "", connection, at: effects.now())
                }
                return opened.account
            }
            return .redirect(to: "/members/\(account.id)", notice: "member.enrolled")
        } catch is ProfileError {
            throw PageFailure.notFound
        }
    }

    // MARK: -

    private typealias Make = @Sendable (Fields, Int64, PointsCurrency) -> PointsCommand?

    /// The currency is the form's, or that of the lots it names.
    private static func perform(
        _ request: PageRequest, _ notice: String, currency: String? = nil, _ make: @escaping Make
    ) async throws -> Reply {
        let (id, form, effects, actor) = (
            try request.id("member"), request.form, request.platform.effects, request.actor
        )
        let code = currency ?? form.text("currency")
        let known = try await request.platform.store.read { try PointsCurrencies.list($0).map(\.currency) }
        guard let definition = known.first(where: { $0.code == code }), let command = make(form, id, definition) else {
            return try await MemberPage.answer(request, id, problem: request.text("points.refused_form"))
        }
        do {
            try await request.platform.store.write { connection in
                let answer = try Points.perform(command, effects: effects, connection)
                guard !answer.isRepeat, let done = answer.transactions.first else { return }
                try AuditLog.append(
                    actor: actor, action: "points.\(done.kind.audited)", subject: "member:\(id)",
                    detail: "\(done.principal) \(done.currency)", connection, at: effects.now())
            }
        } catch PointsError.needsApproval {
            return try await ask(request, id, command)
        } catch let error as PointsError {
            if case .broken = error { throw error }
            let words = PointsWords(known, request.wording)
            return try await MemberPage.answer(request, id, problem: PointsProblem.say(error, words))
        }
        return .redirect(to: "/members/\(id)", notice: notice)
    }

    /// Above what one user may: another decides.
    private static func ask(_ request: PageRequest, _ id: Int64, _ command: PointsCommand) async throws -> Reply {
        guard case .adjust(let account, let currency, let amount, let key, let note) = command else {
            throw PageFailure.notFound
        }
        let (actor, effects) = (request.actor, request.platform.effects)
        do {
            _ = try await request.platform.store.write {
                try PointsAdjustment(account: account, currency: currency, amount: amount).ask(
                    key: key, reason: note["reason"] ?? "", by: actor, effects, $0)
            }
        } catch let error as ApprovalError {
            return try await MemberPage.answer(
                request, id, problem: ApprovalWords.problem(error, request.wording))
        }
        return .redirect(to: "/members/\(id)", notice: "approval.is_asked")
    }

    /// The end of the day that the form names: the first moment without.
    private static func day(_ request: PageRequest) -> Timestamp? {
        LocalCalendar.day(fromText: request.form.text("until")).map { request.workspace.calendar.start(ofDay: $0 + 1) }
    }

    /// `points:12`, of one currency.
    private static func lots(_ form: Fields) -> [(currency: String, number: Int64)] {
        let named = form.all("lot").compactMap { text -> (currency: String, number: Int64)? in
            let parts = text.split(separator: ":")
            return parts.count == 2 ? Int64(parts[1]).map { (String(parts[0]), $0) } : nil
        }
        return named.filter { $0.currency == named.first?.currency }
    }
}

extension PointsTransaction.Kind {
    /// The verb of the audit log.
    fileprivate var audited: String {
        switch self {
        case .transferOut, .transferIn: return "transfer"
        default: return rawValue
        }
    }
}
