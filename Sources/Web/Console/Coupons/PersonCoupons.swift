import Engine
import Storage

/// The coupons of one person, on their page.
struct PersonCouponsModel: PageModel {
    struct Row: Encodable, Sendable {
        var href: String
        var headline: String
        var name: String
        var state: String
        var tone: String
        var until: String
        var left: String?
    }

    var person: String
    var rows: [Row]
    var isEmpty: Bool
    var more: Bool
    var definitions: [Choice]
    var mayIssue: Bool
    /// So that a form sent twice issues once.
    var key: String
    var problem: String?
}

enum PersonCoupons {
    private static let rows = 20
    private static let choices = 100

    static func panel(_ request: PageRequest) async throws -> Reply { try await answer(request) }

    static func issue(_ request: PageRequest) async throws -> Reply {
        let person = try request.id("person")
        do {
            _ = try await CouponWords.found {
                try await CouponIssuing.issue(
                    request.form.int("definition") ?? 0, to: person,
                    key: "console:" + request.form.text("key").prefix(100), by: request.actor, request.platform)
            }
        } catch let error as CouponError {
            return try await answer(request, problem: CouponWords.problem(error, request))
        }
        return try await answer(request)
    }

    private static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let person = try request.id("person")
        let mayIssue = request.user.role.may(.manageMembers)
        let (shown, names, definitions) = try await CouponWords.found {
            try await request.platform.store.read { connection in
                let id = try ProfileDetail.resolve(person, connection)
                return (
                    try CouponList.page(CouponList.Filter(profile: id), limit: rows + 1, connection),
                    try CouponPrint.Names.load(connection),
                    mayIssue ? try CouponDefinitions.list(limit: choices, connection) : []
                )
            }
        }
        let (wording, print) = (request.wording, CouponWords.printing(request, names))
        let model = PersonCouponsModel(
            person: String(person),
            rows: shown.prefix(rows).map { item in
                PersonCouponsModel.Row(
                    href: "/coupons/codes/\(item.coupon.id)", headline: print.headline(item.rule), name: item.name,
                    state: request.text("coupon.state_\(item.coupon.state.rawValue)"),
                    tone: CouponWords.tone(item.coupon.state),
                    until: CouponWords.until(item.coupon.until, request),
                    left: item.rule.benefit.keepsRest
                        ? item.coupon.left.map { wording.money($0, currency: item.rule.currency) } : nil)
            }, isEmpty: shown.isEmpty, more: shown.count > rows,
            definitions: definitions.filter { $0.status == .active }.map { Choice(String($0.id), $0.name, chosen: "") },
            mayIssue: mayIssue && definitions.contains { $0.status == .active },
            key: request.platform.effects.randomHex(bytes: 8), problem: problem)
        return .panel(template: "coupons/person", model: model)
    }
}
