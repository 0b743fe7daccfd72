import Engine
import Storage

/// What waits for a second person, and what was decided.
struct ApprovalsModel: PageModel {
    struct Row: Encodable, Sendable {
        var id: String
        var what: String
        var about: String
        var aboutHref: String?
        var reason: String
        var asked: String
        /// Who asks does not decide.
        var isOwn: Bool
        var mayDecide: Bool
    }

    var waiting: [Row]
    var isEmpty: Bool
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
        } catch let error as PointsError {
            let currencies = try await request.platform.store.read { try PointsCurrencies.list($0).map(\.currency) }
            let problem = PointsProblem.say(error, PointsWords(currencies, request.wording))
            return try await answer(request, problem: request.text("approval.not_done", ["reason": problem]))
        }
        return .redirect(to: "/approvals", notice: notice)
    }

    private static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let before = request.query.int("before")
        let found = try await request.platform.store.read { connection in
            let waiting = try Approvals.list([.asked], before: nil, limit: waitingRows, connection)
            let decided = try Approvals.list(
                [.approved, .refused, .withdrawn], before: before, limit: decidedRows + 1, connection)
            return (
                waiting: waiting, decided: decided,
                words: try ApprovalWords.load(waiting + decided, request, connection)
            )
        }
        let mayDecide = request.user.role.may(.approveLoyalty)
        let rows = found.waiting.map { one in
            ApprovalsModel.Row(
                id: String(one.id), what: found.words.what(one), about: found.words.about(one),
                aboutHref: found.words.href(one), reason: one.reason,
                asked: request.text(
                    "approval.asked_by",
                    ["who": found.words.who(one.askedBy), "when": request.wording.ago(one.askedAt, now: request.now)]),
                isOwn: one.askedBy == request.actor, mayDecide: mayDecide && one.askedBy != request.actor)
        }
        let shown = Array(found.decided.prefix(decidedRows))
        var table: TableModel?
        if !shown.isEmpty {
            var list = decided(shown, found.words, request)
            list.next = found.decided.count > shown.count ? shown.last.map { "/approvals?before=\($0.id)" } : nil
            list.first = before == nil ? nil : "/approvals"
            table = list.finished()
        }
        let model = ApprovalsModel(waiting: rows, isEmpty: rows.isEmpty, table: table, problem: problem)
        return .page(
            Page(
                "approvals/page", title: request.text("approval.title"), model: model,
                status: problem == nil ? .ok : .conflict))
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
                        TableModel.Cell("asked", words.who(one.askedBy), note: one.reason),
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
    private let people: [String: String]
    private let seesPeople: Bool

    /// Throws: `StorageError`.
    static func load(
        _ approvals: [Approval], _ request: PageRequest, _ connection: any SQLConnection
    ) throws -> ApprovalWords {
        let people = Dictionary(
            try Users.list(connection).map { ("user:\($0.id)", $0.name) }
                + (try APIKeys.list(connection).map { ($0.actor, $0.name) }), uniquingKeysWith: { first, _ in first })
        return ApprovalWords(
            wording: request.wording,
            points: PointsWords(try PointsCurrencies.list(connection).map(\.currency), request.wording),
            names: try AccountNames.load(approvals.compactMap(Self.member), connection), people: people,
            seesPeople: request.user.role.may(.readPeople))
    }

    func who(_ actor: String) -> String { people[actor] ?? actor }

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
        Self.member(approval).map { names.name($0, seesPeople: seesPeople, wording) } ?? approval.subject
    }

    func href(_ approval: Approval) -> String? {
        Self.member(approval).map { "/members/\($0)" }
    }

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
