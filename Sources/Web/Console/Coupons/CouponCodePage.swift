import Engine
import Storage

/// One coupon: what is printed on it, who has it, everything that happened.
struct CouponCodeModel: PageModel {
    struct Moment: Encodable, Sendable {
        var title: String
        var detail: String
        var amount: String?
        var when: String
    }

    var id: String
    var state: String
    var tone: String
    var kind: String
    var owner: String?
    var ownerHref: String?
    var until: String
    var left: String?
    var version: String
    var print: CouponPrintModel
    var history: [Moment]
    var isFromBatch: Bool
    var batchHref: String
    var mayVoid: Bool
    var problem: String?
}

enum CouponCodePage {
    static func show(_ request: PageRequest) async throws -> Reply { try await answer(request) }

    static func void(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("coupon")
        do {
            _ = try await CouponWords.found {
                try await CouponIssuing.void(
                    id, reason: String(request.form.text("reason").prefix(200)), by: request.actor, request.platform)
            }
        } catch let error as CouponError {
            return try await answer(request, problem: CouponWords.problem(error, request))
        }
        return .redirect(to: "/coupons/codes/\(id)", notice: "coupon.taken_back")
    }

    private static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let id = try request.id("coupon")
        let (shown, history, names, owner, actors) = try await CouponWords.found {
            try await request.platform.store.read { connection in
                let shown = try CouponList.get(id, connection)
                let person = shown.coupon.profileID
                return (
                    shown, try CouponList.history(of: id, connection), try CouponPrint.Names.load(connection),
                    person == 0 ? nil : try ProfileDetail.load(person, connection).profile,
                    try ActorNames.load(connection)
                )
            }
        }
        let (coupon, wording) = (shown.coupon, request.wording)
        let language = CriteriaLanguage(wording.language)
        let model = CouponCodeModel(
            id: String(id), state: request.text("coupon.state_\(coupon.state.rawValue)"),
            tone: CouponWords.tone(coupon.state), kind: request.text("coupon.kind_\(coupon.kind.rawValue)"),
            owner: owner.map { PersonName($0, wording).text },
            ownerHref: coupon.profileID == 0 ? nil : "/people/\(coupon.profileID)",
            until: CouponWords.until(coupon.until, request),
            left: coupon.left.map { wording.money($0, currency: shown.rule.currency) },
            version: request.text("coupon.version", ["number": String(coupon.version)]),
            print: CouponPrintModel(
                shown.rule, language, request, names, span: (coupon.from, coupon.until)),
            history: history.map { moment($0.entry, by: actors.name($0.by), shown, request) },
            isFromBatch: coupon.batchID != 0, batchHref: "/coupons/batches/\(coupon.batchID)",
            mayVoid: coupon.state == .issued && request.user.role.may(.manageMembers), problem: problem)
        return .page(
            Page(
                "coupons/code", title: coupon.code,
                crumbs: [
                    Crumb(request.text("coupon.title"), "/coupons"),
                    Crumb(shown.name, "/coupons/\(coupon.definitionID)"),
                ], model: model, status: problem == nil ? .ok : .unprocessableContent))
    }

    private static func moment(
        _ entry: CouponEntry, by actor: String, _ shown: CouponList.Shown, _ request: PageRequest
    ) -> CouponCodeModel.Moment {
        var details: [String] = []
        if !entry.order.isEmpty { details.append(request.text("coupon.order", ["order": entry.order])) }
        if !entry.note.isEmpty { details.append(entry.note) }
        details.append(actor)
        return CouponCodeModel.Moment(
            title: request.text("coupon.entry_\(entry.kind.rawValue)"), detail: details.joined(separator: " · "),
            amount: entry.amount == 0 ? nil : request.wording.money(entry.amount, currency: shown.rule.currency),
            when: request.wording.dateTime(entry.at))
    }
}
