import Engine

/// One member's account: balances, lots, holds, what was done, and what can be done.
struct MemberModel: PageModel {
    struct Lot: Encodable, Sendable {
        var number: String
        var value: String
        var currency: String
        var remaining: String
        var of: String
        var earned: String
        var expires: String
        var tone: String
        var state: String
        var source: String
        /// What lapsed of it can still come back.
        var lapsed: String?
    }

    struct Hold: Encodable, Sendable {
        var key: String
        var amount: String
        var until: String
    }

    struct Line: Encodable, Sendable {
        var href: String
        var kind: String
        var change: String
        var tone: String
        var balance: String
        var detail: String
        var time: String
    }

    var id: String
    var number: String
    var person: String?
    var personHref: String?
    var subtitle: String
    var isClosed: Bool
    var figures: [FigureModel]
    var hasFigures: Bool
    var lots: [Lot]
    var hasLots: Bool
    var isLotsPartial: Bool
    /// Lots whose expiry can be moved, and lots that can be brought back.
    var extendable: [Lot]
    var hasExtendable: Bool
    var revivable: [Lot]
    var hasRevivable: Bool
    var holds: [Hold]
    var hasHolds: Bool
    var lines: [Line]
    var hasLines: Bool
    var filters: [Choice]
    var hasFilters: Bool
    var next: String?
    var first: String?
    /// What of it can be done by hand.
    var mayManage: Bool
    /// nil: nothing is shared in pools.
    var pool: MemberPoolModel?
    var currencies: [Choice]
    var spendable: [Choice]
    var hasSpendable: Bool
    var transferable: [Choice]
    var hasTransferable: Bool
    /// Of the next command, so that a form sent twice counts once.
    var key: String
    var tomorrow: String
    var problem: String?
}
