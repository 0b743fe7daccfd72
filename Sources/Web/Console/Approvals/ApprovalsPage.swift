import Engine
import Storage

/// What waits for a second person, and what was decided.
struct ApprovalsModel: PageModel {
    struct Row: Encodable, Sendable {
        var id: String
        var what: String
        var about: String
        var aboutHref: String?
        /// Nil where it says no more than what it is about.
        var reason: String?
        var asked: String
        /// What a ladder of tiers would say.
        var terms: [Terms]
        var hasTerms: Bool
        /// Who asks does not decide.
        var isOwn: Bool
        var mayDecide: Bool
    }

    struct Terms: Encodable, Sendable {
        var title: String
        var lines: [String]
    }

    /// A version of the program that waits for its review, or for another once its approval lapsed.
    struct Version: Encodable, Sendable {
        var title: String
        var href: String
        var asked: String
        var isLapsed: Bool
    }

    /// What the workspace decides of approvals, and what may be done about it.
    struct Policy: Encodable, Sendable {
        var name: String
        var text: String
        var mayChange: Bool
        /// `yes` or `no`, as the button asks for.
        var value: String
        var button: String
    }

    var waiting: [Row]
    var hasWaiting: Bool
    var versions: [Version]
    var hasVersions: Bool
    var isEmpty: Bool
    var policies: [Policy]
    var table: TableModel?
    var problem: String?
}

enum ApprovalsPage {
    private static let waitingRows = 200
    private static let decidedRows = 50

    static func show(_ request: PageRequest) async throws -> Reply {
        try await answer(request)
    }

    static func approve(_ request: PageRequest) async throws -> Reply {
        let (effects, actor, note) = (request.platform.effects, request.actor, request.form.text("note"))
        return try await decide(request, "approval.is_approved") { id, connection in
            _ = try Approvals.approve(id, note: note, by: actor, effects, connection)
        }
    }

    static func refuse(_ request: PageRequest) async throws -> Reply {
        let (now, actor, note) = (request.now, request.actor, request.form.text("note"))
        return try await decide(request, "approval.is_refused") { id, connection in
            _ = try Approvals.refuse(id, note: note, by: actor, at: now, connection)
        }
    }

    static func withdraw(_ request: PageRequest) async throws -> Reply {
        let (now, actor) = (request.now, request.actor)
        return try await decide(request, "approval.is_withdrawn") { id, connection in
            _ = try Approvals.withdraw(id, by: actor, at: now, connection)
        }
    }

    /// Allows who alone may approve to approve what they asked for, lets ladders wait for a second user; or no longer.
    static func policy(_ request: PageRequest) async throws -> Reply {
        let (now, actor, isOn) = (request.now, request.actor, request.form.text("value") == "yes")
        let name = request.form.text("policy")
        guard ["alone", "ladders"].contains(name) else { throw PageFailure.notFound }
        try await request.platform.store.write { connection in
            var policy = try ApprovalPolicy.load(connection)
            if name == "alone" { policy.allowsAlone = isOn } else { policy.coversLadders = isOn }
            try policy.save(by: actor, at: now, connection)
        }
        return .redirect(to: "/approvals", notice: "frame.saved")
    }

    private static func decide(
        _ request: PageRequest, _ notice: String, _ body: @escaping @Sendable (Int64, any SQLConnection) throws -> Void
    ) async throws -> Reply {
        let id = try request.id("approval")
        do {
            try await request.platform.store.write { try body(id, $0) }
        } catch ApprovalError.notFound {
            throw PageFailure.notFound
        } catch let error as ApprovalError {
            return try await answer(request, problem: ApprovalWords.problem(error, request.wording))
        } catch let error as BroadcastError {
            let problem = BroadcastWords.problem(error, request)
            return try await answer(request, problem: request.text("approval.not_done", ["reason": problem]))
        } catch let error as PointsError {
            let currencies = try await request.platform.store.read { try PointsCurrencies.list($0).map(\.currency) }
            let problem = PointsProblem.say(error, PointsWords(currencies, request.wording))
            return try await answer(request, problem: request.text("approval.not_done", ["reason": problem]))
        } catch let error as TierError {
            let reason =
                switch error {
                case .editedMeanwhile: request.text("approval.ladder_outdated")
                case .ofProgram: request.text("tier.of_program")
                default: request.text("tier.invalid")
                }
            return try await answer(request, problem: request.text("approval.not_done", ["reason": reason]))
        }
        return .redirect(to: "/approvals", notice: notice)
    }

    private static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let (before, actor) = (request.query.int("before"), request.actor)
        let found = try await request.platform.store.read { connection in
            let waiting = try Approvals.list([.asked], before: nil, limit: waitingRows, connection)
            let decided = try Approvals.list(
                [.approved, .refused, .withdrawn], before: before, limit: decidedRows + 1, connection)
            return (
                waiting: waiting, decided: decided,
                versions: try ProgramVersions.inReview(connection) + ProgramVersions.lapsed(connection),
                policy: try ApprovalPolicy.load(connection), isAlone: try ApprovalPolicy.isAlone(actor, connection),
                words: try ApprovalWords.load(waiting + decided, request, connection),
                speech: try TierSpeech.load(connection)
            )
        }
        let mayDecide = request.user.role.may(.approveLoyalty)
        let allowsOwn = found.policy.allowsAlone && found.isAlone
        let rows = found.waiting.map { one in
            let isBarred = one.askedBy == actor && !allowsOwn
            let terms = found.words.terms(one, found.speech)
            return ApprovalsModel.Row(
                id: String(one.id), what: found.words.what(one), about: found.words.about(one),
                aboutHref: found.words.href(one), reason: found.words.reason(one),
                asked: request.text(
                    "approval.asked_by",
                    ["who": found.words.who(one.askedBy), "when": request.wording.ago(one.askedAt, now: request.now)]),
                terms: terms, hasTerms: !terms.isEmpty, isOwn: isBarred, mayDecide: mayDecide && !isBarred)
        }
        let versions = found.versions.map { version in
            ApprovalsModel.Version(
                title: ProgramPage.title(version, request), href: "/program/versions/\(version.id)",
                asked: request.text(
                    "approval.asked_by",
                    [
                        "who": found.words.who(version.submittedBy ?? version.editedBy),
                        "when": request.wording.ago(Timestamp(milliseconds: version.updatedMS), now: request.now),
                    ]), isLapsed: version.status == .approved)
        }
        let shown = Array(found.decided.prefix(decidedRows))
        var table: TableModel?
        if !shown.isEmpty {
            var list = decided(shown, found.words, request)
            list.next = found.decided.count > shown.count ? shown.last.map { "/approvals?before=\($0.id)" } : nil
            list.first = before == nil ? nil : "/approvals"
            table = list.finished()
        }
        let model = ApprovalsModel(
            waiting: rows, hasWaiting: !rows.isEmpty, versions: versions, hasVersions: !versions.isEmpty,
            isEmpty: rows.isEmpty && versions.isEmpty,
            policies: policies(found.policy, isAlone: found.isAlone, request), table: table, problem: problem)
        return .page(
            Page(
                "approvals/page", title: request.text("approval.title"), model: model,
                status: problem == nil ? .ok : .conflict))
    }

    /// The exception is told to who alone may approve, and to everybody while it holds; the rest to who may change it.
    private static func policies(
        _ policy: ApprovalPolicy, isAlone: Bool, _ request: PageRequest
    ) -> [ApprovalsModel.Policy] {
        let mayChange = request.user.role.may(.manageWorkspace)
        func row(_ name: String, _ isOn: Bool) -> ApprovalsModel.Policy {
            ApprovalsModel.Policy(
                name: name, text: request.text(isOn ? "approval.policy_\(name)_on" : "approval.policy_\(name)_off"),
                mayChange: mayChange, value: isOn ? "no" : "yes",
                button: request.text(isOn ? "approval.policy_\(name)_end" : "approval.policy_\(name)_begin"))
        }
        return (isAlone || policy.allowsAlone ? [row("alone", policy.allowsAlone)] : [])
            + (mayChange ? [row("ladders", policy.coversLadders)] : [])
    }

    private static func decided(
        _ approvals: [Approval], _ words: ApprovalWords, _ request: PageRequest
    ) -> TableModel {
        func column(_ key: String) -> TableModel.Column {
            TableModel.Column(key: key, title: request.text("approval.column_\(key)"))
        }
        var table = TableModel(
            "approvals", title: request.text("approval.decided"),
            columns: [
                column("what"), column("about"), column("state"), column("asked"), column("decided"), column("note"),
            ],
            rows: approvals.map { one in
                let tone =
                    switch one.state {
                    case .approved: "chip-good"
                    case .refused: "chip-bad"
                    case .asked, .withdrawn: "chip-plain"
                    }
                return TableModel.Row(
                    id: String(one.id), name: words.what(one),
                    cells: [
                        TableModel.Cell("what", words.what(one), style: "strong", href: words.resultHref(one)),
                        TableModel.Cell("about", words.about(one), href: words.href(one)),
                        TableModel.Cell("state", request.text("approval.state_\(one.state.rawValue)"), chip: tone),
                        TableModel.Cell("asked", words.who(one.askedBy), note: words.reason(one)),
                        TableModel.Cell(
                            "decided", words.who(one.decidedBy),
                            note: one.decidedAt.map { request.wording.dateTime($0) }),
                        TableModel.Cell("note", one.note, style: "soft wide"),
                    ])
            })
        table.summary = request.text("points.newest", count: Int64(approvals.count))
        return table
    }
}

/// How approvals of each kind are spoken of.
struct ApprovalWords: Sendable {
    private let wording: Wording
    private let points: PointsWords
    private let names: AccountNames
    private let actors: ActorNames
    private let seesPeople: Bool

    /// Throws: `StorageError`.
    static func load(
        _ approvals: [Approval], _ request: PageRequest, _ connection: any SQLConnection
    ) throws -> ApprovalWords {
        return ApprovalWords(
            wording: request.wording,
            points: PointsWords(try PointsCurrencies.list(connection).map(\.currency), request.wording),
            names: try AccountNames.load(approvals.compactMap(Self.member), connection),
            actors: try ActorNames.load(connection), seesPeople: request.user.role.may(.readPeople))
    }

    func who(_ actor: String) -> String { actors.name(actor) }

    /// A line for each kind; one that has none is called by its name.
    func what(_ approval: Approval) -> String {
        guard approval.kind == PointsAdjustment.kind.name, let asked = Self.adjustment(approval) else {
            return wording.known("approval.kind_\(approval.kind)") ?? approval.kind
        }
        return wording.text(
            asked.amount < 0 ? "approval.takes" : "approval.gives",
            ["points": points.full(abs(asked.amount), asked.currency)])
    }

    func about(_ approval: Approval) -> String {
        if approval.kind == LadderPublication.kind.name {
            let version = approval.subject.split(separator: ":").last.map(String.init) ?? ""
            return wording.text("approval.ladder_after", ["version": version])
        }
        if isOfBroadcast(approval), !approval.reason.isEmpty { return approval.reason }
        return Self.member(approval).map { names.name($0, seesPeople: seesPeople, wording) } ?? approval.subject
    }

    /// What a ladder of tiers would say, for whoever decides of it.
    func terms(_ approval: Approval, _ speech: TierSpeech) -> [ApprovalsModel.Terms] {
        guard approval.kind == LadderPublication.kind.name else { return [] }
        do {
            let asked = try StoredDocument.value(LadderPublication.self, from: approval.request)
            return TierText(asked.ladder, speech.words(CriteriaLanguage(wording.language))).sections.map {
                ApprovalsModel.Terms(title: $0.title, lines: $0.lines)
            }
        } catch {
            return []
        }
    }

    /// What is said beside what it is about: a broadcast asks under its own name, which is told already.
    func reason(_ approval: Approval) -> String? {
        approval.reason.isEmpty || isOfBroadcast(approval) ? nil : approval.reason
    }

    func href(_ approval: Approval) -> String? {
        if isOfBroadcast(approval) { return "/broadcasts/\(approval.request)" }
        return Self.member(approval).map { "/members/\($0)" }
    }

    private func isOfBroadcast(_ approval: Approval) -> Bool { approval.kind == BroadcastApproval.kind.name }

    func resultHref(_ approval: Approval) -> String? {
        let parts = approval.result.split(separator: "/")
        guard approval.kind == PointsAdjustment.kind.name, parts.count == 2 else { return nil }
        return "/members/\(parts[0])/transactions/\(parts[1])"
    }

    private static func member(_ approval: Approval) -> Int64? {
        approval.subject.hasPrefix("member:") ? Int64(approval.subject.dropFirst(7)) : nil
    }

    private static func adjustment(_ approval: Approval) -> PointsAdjustment? {
        do {
            return try StoredDocument.value(PointsAdjustment.self, from: approval.request)
        } catch {
            return nil
        }
    }

    static func problem(_ error: ApprovalError, _ wording: Wording) -> String {
        switch error {
        case .own: wording.text("approval.refused_own")
        case .notYours: wording.text("approval.refused_not_yours")
        case .decided(let state): wording.text("approval.refused_decided_\(state.rawValue)")
        case .keyReused: wording.text("points.refused_key")
        case .tooLong: wording.text("points.refused_note")
        case .notFound: wording.text("points.refused")
        }
    }
}
