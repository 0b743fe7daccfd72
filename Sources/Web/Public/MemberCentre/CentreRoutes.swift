import Engine
import HTTPTypes
import Hummingbird

/// The member centre: the public site of the brand's customers, mostly on a phone.
///
/// Invariants of this room: a handler of `CentreCatalog` is only reached with a living session of its own (never the
/// console's) of a member; every change carries that session's token; a part that is turned off is not there; what
/// belongs to somebody else is not there either. Nothing here needs JavaScript. No SQL, no rule of the program: pages read
/// the engine and say what it says.
package enum CentreRoutes {
    package static func register<Context: RequestContext>(_ console: Console, on router: Router<Context>) {
        for route in CentreCatalog.routes {
            router.on(RouterPath(route.path), method: route.isChange ? .post : .get) { request, context -> Response in
                await CentreVisit(console, request, context).answer(route)
            }
        }
        for entry in CentreEntry.all {
            router.on(RouterPath(entry.path), method: entry.method) { request, context -> Response in
                await CentreVisit(console, request, context).answer(entry)
            }
        }
        router.on("/m/brand/{colour}", method: .get) { _, context -> Response in
            BrandStyle.answer(context.parameters.get("colour") ?? "")
        }
        router.on("/m/**", method: .get) { request, context -> Response in
            await CentreVisit(console, request, context).answerNotFound()
        }
    }
}

/// One page or change of the member centre.
struct CentreRoute: Sendable {
    typealias Handler = @Sendable (CentreRequest) async throws -> CentreReply

    var path: String
    /// nil: always there.
    var section: CentreSection?
    var isChange: Bool
    var handler: Handler

    static func page(_ path: String, _ section: CentreSection?, _ handler: @escaping Handler) -> CentreRoute {
        CentreRoute(path: path, section: section, isChange: false, handler: handler)
    }

    static func action(_ path: String, _ section: CentreSection?, _ handler: @escaping Handler) -> CentreRoute {
        CentreRoute(path: path, section: section, isChange: true, handler: handler)
    }
}

/// Every page and change, a line each.
enum CentreCatalog {
    static let routes: [CentreRoute] = [
        .page("/m", nil, CentreHome.show),
        .page("/m/inbox", .inbox, CentreInboxPages.list),
        .action("/m/inbox/reads", .inbox, CentreInboxPages.markRead),
        .page("/m/inbox/{message}", .inbox, CentreInboxPages.one),
        .action("/m/inbox/{message}/reads", .inbox, CentreInboxPages.read),
        .page("/m/benefits", .benefits, CentreBenefits.show),
        .page("/m/points", .points, CentrePoints.show),
        .page("/m/points/statement.json", .points, CentrePoints.json),
        .page("/m/points/statement.pdf", .points, CentrePoints.pdf),
        .page("/m/coupons", .coupons, CentreCoupons.list),
        .page("/m/coupons/{coupon}", .coupons, CentreCoupons.one),
        .page("/m/rewards", .rewards, CentreRewardPages.list),
        .page("/m/rewards/{reward}", .rewards, CentreRewardPages.one),
        .action("/m/rewards/{reward}/claims", .rewards, CentreRewardPages.claim),
        .page("/m/claims", .rewards, CentreClaimPages.list),
        .page("/m/claims/{claim}", .rewards, CentreClaimPages.one),
        .action("/m/claims/{claim}/cancellation", .rewards, CentreClaimPages.cancel),
        .page("/m/transfer", .transfer, CentreTransferPage.show),
        .action("/m/transfer/check", .transfer, CentreTransferPage.check),
        .action("/m/transfer", .transfer, CentreTransferPage.give),
        .page("/m/donate", .donate, CentreDonatePage.show),
        .action("/m/donate/check", .donate, CentreDonatePage.check),
        .action("/m/donate", .donate, CentreDonatePage.give),
        .page("/m/pool", .pool, CentrePoolPages.show),
        .action("/m/pool", .pool, CentrePoolPages.create),
        .action("/m/pool/contributions", .pool, CentrePoolPages.put),
        .action("/m/pool/share", .pool, CentrePoolPages.share),
        .action("/m/pool/invitations", .pool, CentrePoolPages.invite),
        .action("/m/pool/invitations/{invitation}/acceptance", .pool, CentrePoolPages.accept),
        .action("/m/pool/invitations/{invitation}/refusal", .pool, CentrePoolPages.refuse),
        .action("/m/pool/invitations/{invitation}/withdrawal", .pool, CentrePoolPages.withdraw),
        .action("/m/pool/members/{member}", .pool, CentrePoolPages.change),
        .action("/m/pool/members/{member}/departure", .pool, CentrePoolPages.leave),
        .action("/m/pool/dissolution", .pool, CentrePoolPages.dissolve),
        .page("/m/rules", .rules, CentreRulesPage.show),
        .action("/m/sign-out", nil, CentreEntry.signOut),
    ]
}
