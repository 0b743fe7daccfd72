import Engine
import Storage

/// One definition: how far its coupons came, what is printed, its codes.
struct CouponModel: PageModel {
    struct Step: Encodable, Sendable {
        var name: String
        var count: String
        var share: String
        var width: String
    }

    struct Batch: Encodable, Sendable {
        var href: String
        var pattern: String
        var made: String
        var state: String
        var tone: String
        var when: String
    }

    struct Code: Encodable, Sendable {
        var href: String
        var code: String
        var kind: String
        var state: String
        var tone: String
        var uses: String
        var until: String
    }

    struct Version: Encodable, Sendable {
        var title: String
        var when: String
    }

    var id: String
    var status: String
    var tone: String
    var isActive: Bool
    var isEnded: Bool
    var isUnused: Bool
    var steps: [Step]
    var figures: [FigureModel]
    var own: CouponPrintModel
    var other: CouponPrintModel
    var otherLanguage: String
    var batches: [Batch]
    var hasBatches: Bool
    /// Whether codes are being drawn: the list then looks again by itself.
    var isDrawing: Bool
    var codes: [Code]
    var hasCodes: Bool
    var versions: [Version]
    var segments: [Choice]
    var hasSegments: Bool
    var mayManage: Bool
    var problem: String?
}

enum CouponPage {
    private static let rows = 50

    static func show(_ request: PageRequest) async throws -> Reply { try await answer(request) }

    static func setStatus(_ request: PageRequest) async throws -> Reply {
        let status = CouponStatus(rawValue: request.form.text("status")) ?? .paused
        return try await change(request, "coupon.saved", "coupon_definition.status", status.rawValue) {
            id, connection in
            _ = try CouponDefinitions.set(status, id, at: request.now, connection)
        }
    }

    static func delete(_ request: PageRequest) async throws -> Reply {
        try await change(request, "coupon.deleted", "coupon_definition.delete", "", to: "/coupons") { id, connection in
            try CouponDefinitions.delete(id, connection)
        }
    }

    static func askBatch(_ request: PageRequest) async throws -> Reply {
        let (pattern, count) = (request.form.text("pattern").uppercased(), request.form.int("count") ?? 0)
        return try await change(request, "coupon.batch_asked", "coupon_batch.create", "\(count) \(pattern)") {
            id, connection in
            _ = try CouponBatches.ask(
                id, pattern: pattern, count: count, by: request.actor, user: request.user.id,
                effects: request.platform.effects, connection)
        }
    }

    static func share(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("definition")
        do {
            _ = try await CouponWords.found {
                try await CouponIssuing.share(
                    id, code: request.form.text("code"), usesMax: request.form.int("uses_max"), by: request.actor,
                    request.platform)
            }
        } catch let error as CouponError {
            return try await answer(request, problem: CouponWords.problem(error, request))
        }
        return .redirect(to: "/coupons/\(id)#codes", notice: "coupon.code_made")
    }

    static func issueToSegment(_ request: PageRequest) async throws -> Reply {
        let segment = request.form.int("segment") ?? 0
        let key = "\(segment):\(LocalCalendar.text(ofDay: request.workspace.calendar.day(of: request.now)))"
        return try await change(request, "coupon.segment_asked", "coupon.issue_segment", "segment:\(segment)") {
            id, connection in
            do {
                _ = try CouponSegmentIssue.ask(
                    id, segment: segment, key: key, by: request.actor, user: request.user.id,
                    effects: request.platform.effects, connection)
            } catch is SegmentError { throw PageFailure.notFound }
        }
    }

    private static func change(
        _ request: PageRequest, _ notice: String, _ action: String, _ detail: String, to place: String? = nil,
        _ body: @escaping @Sendable (Int64, any SQLConnection) throws -> Void
    ) async throws -> Reply {
        let id = try request.id("definition")
        do {
            try await CouponWords.found {
                try await request.platform.store.write { connection in
                    try body(id, connection)
                    try AuditLog.append(
                        actor: request.actor, action: action,
                        subject: "coupon_definition:\(id)", detail: detail, connection, at: request.now)
                }
            }
        } catch let error as CouponError {
            return try await answer(request, problem: CouponWords.problem(error, request))
        }
        return .redirect(to: place ?? "/coupons/\(id)", notice: notice)
    }

    private struct Found: Sendable {
        var definition: CouponDefinition
        var batches: [CouponBatch]
        var codes: [CouponList.Shown]
        var versions: [(version: Int64, at: Timestamp, by: String)]
        var names: CouponPrint.Names
        var segments: [Segment]
    }

    private static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let id = try request.id("definition")
        let found = try await CouponWords.found {
            try await request.platform.store.read { connection in
                Found(
                    definition: try CouponDefinitions.get(id, connection),
                    batches: try CouponBatches.list(of: id, limit: rows, connection),
                    codes: try CouponList.page(CouponList.Filter(definition: id), limit: rows, connection),
                    versions: try CouponDefinitions.versions(id, connection),
                    names: try CouponPrint.Names.load(connection), segments: try Segments.list(connection))
            }
        }
        return .page(
            Page(
                "coupons/one", title: found.definition.name,
                crumbs: [Crumb(request.text("coupon.title"), "/coupons")], model: model(found, request, problem),
                status: problem == nil ? .ok : .unprocessableContent))
    }

    private static func model(_ found: Found, _ request: PageRequest, _ problem: String?) -> CouponModel {
        let (definition, wording) = (found.definition, request.wording)
        let own = CriteriaLanguage(wording.language)
        let other: CriteriaLanguage = own == .chinese ? .english : .chinese
        let tally = definition.tally
        return CouponModel(
            id: String(definition.id), status: request.text("coupon.status_\(definition.status.rawValue)"),
            tone: CouponWords.tone(definition.status), isActive: definition.status == .active,
            isEnded: definition.status == .ended, isUnused: tally.issued == 0 && found.batches.isEmpty,
            steps: steps(tally, request),
            figures: [
                FigureModel(
                    request.text("coupon.discount"), wording.money(tally.discount, currency: definition.rule.currency)),
                FigureModel(request.text("coupon.open_locks"), wording.number(tally.open)),
                FigureModel(request.text("coupon.expired"), wording.number(tally.expired)),
                FigureModel(request.text("coupon.voided"), wording.number(tally.voided)),
            ], own: CouponPrintModel(definition.rule, own, request, found.names),
            other: CouponPrintModel(definition.rule, other, request, found.names), otherLanguage: other.rawValue,
            batches: found.batches.map { batch($0, request) }, hasBatches: !found.batches.isEmpty,
            isDrawing: found.batches.contains { $0.made < $0.total && $0.voidedAt == nil },
            codes: found.codes.map { code($0, request) }, hasCodes: !found.codes.isEmpty,
            versions: found.versions.map {
                CouponModel.Version(
                    title: request.text("coupon.version", ["number": String($0.version)]),
                    when: wording.dateTime($0.at))
            }, segments: found.segments.map { Choice(String($0.id), $0.name, chosen: "") },
            hasSegments: !found.segments.isEmpty, mayManage: request.user.role.may(.manageLoyalty), problem: problem)
    }

    /// Issued → taken by an order → redeemed. A shared code is one and is taken often: the widest step is the whole.
    private static func steps(_ tally: CouponTally, _ request: PageRequest) -> [CouponModel.Step] {
        let whole = max(tally.issued, tally.taken, 1)
        return [
            ("coupon.issued", tally.issued), ("coupon.taken", tally.taken), ("coupon.redeemed", tally.redeemed),
        ].map { name, count in
            let share = Double(count) / Double(whole)
            return CouponModel.Step(
                name: request.text(name), count: request.wording.number(count),
                share: request.wording.percent(share), width: Wording.attribute(share * 100))
        }
    }

    private static func batch(_ batch: CouponBatch, _ request: PageRequest) -> CouponModel.Batch {
        let (wording, isDone) = (request.wording, batch.made == batch.total)
        let state = batch.voidedAt != nil ? "voided" : isDone ? "ready" : "drawing"
        return CouponModel.Batch(
            href: "/coupons/batches/\(batch.id)", pattern: batch.pattern,
            made: isDone
                ? wording.number(batch.total) : "\(wording.number(batch.made)) / \(wording.number(batch.total))",
            state: request.text("coupon.batch_\(state)"),
            tone: batch.voidedAt != nil ? "" : isDone ? "chip-good" : "chip-info",
            when: wording.dateTime(batch.createdAt))
    }

    private static func code(_ shown: CouponList.Shown, _ request: PageRequest) -> CouponModel.Code {
        let (coupon, wording) = (shown.coupon, request.wording)
        return CouponModel.Code(
            href: "/coupons/codes/\(coupon.id)", code: coupon.code,
            kind: request.text("coupon.kind_\(coupon.kind.rawValue)"),
            state: request.text("coupon.state_\(coupon.state.rawValue)"), tone: CouponWords.tone(coupon.state),
            uses: coupon.usesMax.map { "\(wording.number(coupon.uses)) / \(wording.number($0))" }
                ?? wording.number(coupon.uses),
            until: CouponWords.until(coupon.until, request))
    }
}
