import Engine
import Storage

/// The coupons that the member holds; used and expired ones apart.
struct CentreCouponsModel: PageModel {
    struct Row: Encodable, Sendable {
        var href: String
        var headline: String
        var name: String
        var until: String
        var state: String
    }

    var live: [Row]
    var hasLive: Bool
    var past: [Row]
    var hasPast: Bool
}

/// One coupon, to be shown at the till.
struct CentreCouponModel: PageModel {
    var headline: String
    var code: String
    var state: String
    var isLive: Bool
    var until: String
    var left: String?
    var side: String
    var path: String?
    var label: String
    var lines: [String]
}

enum CentreCoupons {
    private static let shownMax = 100

    static func list(_ request: CentreRequest) async throws -> CentreReply {
        let profile = request.session.profileID
        let (shown, names) = try await request.platform.store.read { connection in
            (
                try CouponList.page(CouponList.Filter(profile: profile), limit: shownMax, connection),
                try CouponPrint.Names.load(connection)
            )
        }
        let print = CouponPrint(request.language, request.workspace.calendar, names)
        func row(_ item: CouponList.Shown) -> CentreCouponsModel.Row {
            CentreCouponsModel.Row(
                href: "/m/coupons/\(item.coupon.id)", headline: print.headline(item.rule), name: item.name,
                until: until(item.coupon, request), state: state(item.coupon, request))
        }
        let live = shown.filter { isLive($0.coupon, at: request.now) }.sorted {
            ($0.coupon.until?.milliseconds ?? .max, $0.coupon.id) < (
                $1.coupon.until?.milliseconds ?? .max, $1.coupon.id
            )
        }
        let past = shown.filter { !isLive($0.coupon, at: request.now) }
        let model = CentreCouponsModel(
            live: live.map(row), hasLive: !live.isEmpty, past: past.map(row), hasPast: !past.isEmpty)
        return .page(
            CentrePage("coupons", title: request.text("centre.place_coupons"), place: "coupons", model: model))
    }

    static func one(_ request: CentreRequest) async throws -> CentreReply {
        let (id, profile) = (try request.id("coupon"), request.session.profileID)
        let (shown, names) = try await request.platform.store.read { connection in
            let shown = try CouponList.get(id, connection)
            guard shown.coupon.profileID == profile else { throw CouponError.couponNotFound(String(id)) }
            return (shown, try CouponPrint.Names.load(connection))
        }
        let (coupon, rule) = (shown.coupon, shown.rule)
        let print = CouponPrint(request.language, request.workspace.calendar, names)
        let isLive = isLive(coupon, at: request.now)
        let picture = isLive ? QRCode(coupon.code) : nil
        let model = CentreCouponModel(
            headline: print.headline(rule), code: coupon.code, state: state(coupon, request), isLive: isLive,
            until: until(coupon, request),
            left: rule.benefit.keepsRest
                ? coupon.left.map {
                    request.text("centre.coupon_left", ["amount": request.wording.money($0, currency: rule.currency)])
                } : nil, side: String(picture?.side ?? 0), path: picture?.path,
            label: request.text("centre.coupon_picture", ["code": coupon.code]),
            lines: print.text(rule, span: (coupon.from, coupon.until)))
        return .page(
            CentrePage("coupon", title: model.headline, place: "coupons", back: "/m/coupons", model: model))
    }

    /// Time that the clock has not come by to note counts too.
    private static func isLive(_ coupon: Coupon, at now: Timestamp) -> Bool {
        coupon.state.isLive && (coupon.until.map { $0 > now } ?? true)
    }

    private static func state(_ coupon: Coupon, _ request: CentreRequest) -> String {
        let isOver = coupon.state.isLive && !isLive(coupon, at: request.now)
        return request.text("coupon.state_\(isOver ? Coupon.State.expired.rawValue : coupon.state.rawValue)")
    }

    private static func until(_ coupon: Coupon, _ request: CentreRequest) -> String {
        guard let until = coupon.until else { return request.text("coupon.no_end") }
        return request.text("centre.coupon_until", ["date": request.lastDay(until)])
    }
}
