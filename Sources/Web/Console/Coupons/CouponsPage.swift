import Engine
import Storage

/// All definitions with how far their coupons came.
struct CouponsModel: PageModel {
    struct Row: Encodable, Sendable {
        var href: String
        var name: String
        var headline: String
        var status: String
        var tone: String
        var issued: String
        var taken: String
        var redeemed: String
        var discount: String
    }

    var rows: [Row]
    var isEmpty: Bool
    var next: String?
    var mayManage: Bool
    var code: String
    var problem: String?
}

enum CouponsPage {
    private static let rows = 50

    /// The list; with a code that was typed, the coupon itself.
    static func show(_ request: PageRequest) async throws -> Reply {
        let code = request.query.text("code")
        if !code.isEmpty, let id = try await request.platform.store.read({ try CouponList.id(ofCode: code, $0) }) {
            return .redirect(to: "/coupons/codes/\(id)")
        }
        let before = request.query.int("before") ?? .max
        let (found, names) = try await request.platform.store.read {
            (try CouponDefinitions.list(before: before, limit: rows, $0), try CouponPrint.Names.load($0))
        }
        let (wording, print) = (request.wording, CouponWords.printing(request, names))
        let model = CouponsModel(
            rows: found.map { definition in
                CouponsModel.Row(
                    href: "/coupons/\(definition.id)", name: definition.name,
                    headline: print.headline(definition.rule),
                    status: request.text("coupon.status_\(definition.status.rawValue)"),
                    tone: CouponWords.tone(definition.status), issued: wording.number(definition.tally.issued),
                    taken: wording.number(definition.tally.taken), redeemed: wording.number(definition.tally.redeemed),
                    discount: wording.money(definition.tally.discount, currency: definition.rule.currency))
            }, isEmpty: found.isEmpty && before == .max,
            next: found.count == rows ? found.last.map { "/coupons?before=\($0.id)" } : nil,
            mayManage: request.user.role.may(.manageLoyalty), code: code,
            problem: code.isEmpty ? nil : request.text("coupon.no_such_code"))
        return .page(Page("coupons/page", title: request.text("coupon.title"), model: model))
    }
}
