import Testing

@testable import Engine

/// What a coupon takes off, and what speaks against it: pure.
@Suite("Coupon rules")
struct CouponRuleTests {
    static let now = Timestamp(milliseconds: 1_780_279_200_000)  // 2026-06-01 10:00 in Shanghai, a Monday.
    static let calendar = LocalCalendar(timeZone: "Asia/Shanghai") ?? .utc

    static func cart(_ prices: [Int64], quantity: Int64 = 1, shipping: Int64 = 0) -> CouponCart {
        CouponCart(
            prices.enumerated().map {
                CouponCart.Line(
                    id: "l\($0)", sku: "S\($0)", category: $0 % 2 == 0 ? "tea" : "cup", brand: "B",
                    quantity: quantity, unitPrice: $1)
            }, store: "sh-01", channel: "app", currency: "CNY", shipping: shipping)
    }

    static func rule(_ benefit: CouponBenefit, _ change: (inout CouponRule) -> Void = { _ in }) -> CouponRule {
        var rule = CouponRule(benefit, currency: "CNY")
        change(&rule)
        return rule
    }

    static func candidate(_ rule: CouponRule, id: Int64 = 1, definition: Int64? = nil) -> CouponCheck.Candidate {
        CouponCheck.Candidate(
            Coupon(
                id: id, code: "C\(id)", definitionID: definition ?? id, version: 1, kind: .code, issuedAt: now,
                from: now, until: nil, left: rule.benefit.face), rule)
    }

    private static func entry(
        _ rule: CouponRule, _ cart: CouponCart, _ person: CouponPerson? = nil
    ) -> CouponCheck.Entry {
        CouponCheck(cart, person, at: now, calendar).entry(candidate(rule))
    }

    private static func shares(_ rule: CouponRule, _ cart: CouponCart) -> [Int64] {
        entry(rule, cart).discount.shares.map(\.amount)
    }

    @Test("an amount is split by largest remainder: it adds up exactly and no line gets more than it is worth")
    func largestRemainder() {
        #expect(Self.shares(Self.rule(.amount(100, keepsRest: false)), Self.cart([100, 100, 100])) == [34, 33, 33])
        #expect(Self.shares(Self.rule(.amount(1_000, keepsRest: false)), Self.cart([1, 2, 3])) == [1, 2, 3])
        var random = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            let weights = (0..<Int.random(in: 1...12, using: &random)).map { _ in
                Int64.random(in: 0...100_000, using: &random)
            }
            let amount = Int64.random(in: 0...400_000, using: &random)
            let (left, whole) = (Self.left(of: weights, less: amount), weights.reduce(0, +))
            let parts = zip(weights, left).map { $0 - $1 }
            #expect(parts.reduce(0, +) == min(amount, whole))
            #expect(zip(parts, weights).allSatisfy { $0 >= 0 && $0 <= $1 })
            // None is a whole unit off its share, and a larger rest is not passed over for a smaller one.
            let shares = weights.map { ($0 * min(amount, whole), whole) }
            let rests = zip(parts, shares).map { part, share in share.0 - part * share.1 }
            #expect(rests.allSatisfy { abs($0) < max(whole, 1) })
            let served = rests.filter { $0 < 0 }.map { $0 + whole }.min() ?? .max
            #expect(rests.filter { $0 >= 0 }.allSatisfy { $0 <= served })
        }
    }

    @Test("amounts beyond 64 bits on the way are split the same")
    func wideAmounts() {
        let unit: Int64 = 100_000_000_000_000
        let weights = [3 * unit, 4 * unit, 3 * unit]
        #expect(Self.left(of: weights, less: 5 * unit) == [unit + unit / 2, 2 * unit, unit + unit / 2])
        let half = 3 * unit + unit / 2 + 2
        #expect(Self.left(of: [7, 7 * unit, 7 * unit + 1], less: 7 * unit) == [4, half, half])
    }

    private static func left(of weights: [Int64], less amount: Int64) -> [Int64] {
        // It stands behind another one, which is left alone.
        var amounts = [-1] + weights
        var odd: [CouponMath.Odd] = []
        CouponMath.take(amount, from: &amounts, at: 1, Array(weights.indices), &odd)
        #expect(amounts[0] == -1)
        return Array(amounts.dropFirst())
    }

    @Test("a percentage is rounded half up over what it holds for, and stops at its maximum")
    func percent() {
        #expect(Self.shares(Self.rule(.percent(1_500, max: nil)), Self.cart([333, 334])) == [50, 50])
        #expect(Self.shares(Self.rule(.percent(5_000, max: 60)), Self.cart([100, 200])) == [20, 40])
        let tea = Self.rule(.percent(1_000, max: nil)) { $0.categories.only = ["tea"] }
        #expect(Self.shares(tea, Self.cart([1_000, 1_000, 500])) == [100, 0, 50])
    }

    @Test("free pieces are the cheapest of those named; shipping is taken off up to its maximum")
    func freeAndShipping() {
        let free = Self.rule(.freeItem(skus: ["S0", "S2"], quantity: 3))
        #expect(Self.shares(free, Self.cart([500, 100, 300], quantity: 2)) == [500, 0, 600])
        let shipping = Self.entry(Self.rule(.shipping(max: 800)), Self.cart([500], shipping: 1_200))
        #expect(shipping.discount.amount == 800 && shipping.discount.shipping == 800)
        #expect(Self.entry(Self.rule(.shipping(max: nil)), Self.cart([500])).refusals == [.noShipping])
        #expect(Self.entry(free, Self.cart([0, 5])).refusals == [.nothingLeft])
        #expect(
            Self.entry(Self.rule(.freeItem(skus: ["no"], quantity: 1)), Self.cart([5])).refusals == [
                .freeItemMissing(skus: ["no"])
            ])
    }

    @Test("every reason is told, not the first alone")
    func everyReason() {
        let rule = Self.rule(.amount(500, keepsRest: false)) {
            $0.minimum = 10_000
            $0.stores.only = ["bj-01"]
            $0.channels.except = ["app"]
            $0.weekdays = [6, 7]
            $0.hours = [CouponHours(from: 12 * 60, until: 14 * 60), CouponHours(from: 22 * 60, until: 9 * 60)]
            $0.blackouts = [CouponDays(from: Self.calendar.day(of: Self.now), through: 30_000)]
            $0.isFirstOrderOnly = true
            $0.tiers = ["gold"]
            $0.segment = 5
            $0.limits = CouponRuleLimits(used: 10, usedPerPerson: 1)
        }
        var candidate = Self.candidate(rule)
        candidate.used = 10
        candidate.status = .paused
        candidate.lockedUntil = Self.now
        let person = CouponPerson(id: 9, orders: 1, used: [1: 1])
        let told = CouponCheck(Self.cart([100, 200]), person, at: Self.now, Self.calendar).entry(candidate).refusals
        #expect(
            told.map(\.code) == [
                "locked", "paused", "used_up", "store", "channel", "weekday", "hours", "blackout", "not_first_order",
                "tier", "segment", "person_used_up", "minimum",
            ])
        #expect(Self.entry(rule, Self.cart([100])).refusals.contains(.personNeeded))
    }

    @Test("hours may pass midnight and are those of the brand, also where a zone is half an hour off")
    func hours() {
        let india = LocalCalendar(timeZone: "Asia/Kolkata") ?? .utc  // 07:30 there.
        let rule = Self.rule(.amount(1, keepsRest: false)) { $0.hours = [CouponHours(from: 451, until: 600)] }
        let check = CouponCheck(Self.cart([5]), nil, at: Self.now, india)
        #expect(check.entry(Self.candidate(rule)).refusals == [.hours])
        let later = CouponCheck(Self.cart([5]), nil, at: Self.now.adding(milliseconds: 60_000), india)
        #expect(later.entry(Self.candidate(rule)).refusals == [])
        let night = Self.rule(.amount(1, keepsRest: false)) { $0.hours = [CouponHours(from: 1_320, until: 601)] }
        #expect(Self.entry(night, Self.cart([5])).refusals == [])
    }

    @Test("of somebody else's coupon nothing is told but that")
    func notYours() {
        var candidate = Self.candidate(Self.rule(.amount(5, keepsRest: false)))
        candidate.coupon.profileID = 3
        candidate.coupon.until = Self.now
        let check = CouponCheck(Self.cart([5]), CouponPerson(id: 4), at: Self.now, Self.calendar)
        #expect(check.entry(candidate).refusals.first == .notYours)
    }

    @Test("days of validity end with the day, and a fixed end comes first")
    func validity() {
        let end = CouponValidity(days: 7).span(issuedAt: Self.now, Self.calendar).until
        #expect(end == Self.calendar.start(ofDay: Self.calendar.day(of: Self.now) + 8))
        let fixed = Self.now.adding(days: 2)
        #expect(CouponValidity(until: fixed, days: 7).span(issuedAt: Self.now, Self.calendar).until == fixed)
        let later = Self.now.adding(days: 1)
        #expect(CouponValidity(from: later).span(issuedAt: Self.now, Self.calendar).from == later)
    }

    @Test("what contradicts itself or can never be used is refused when it is written")
    func contradictions() {
        func refused(_ change: (inout CouponRule) -> Void) -> String? {
            do {
                try Self.rule(.amount(5, keepsRest: false), change).validate()
                return nil
            } catch CouponError.invalid(let field, _) { return field } catch { return "\(error)" }
        }
        #expect(refused { _ in } == nil)
        #expect(refused { $0.brands = CouponScope(only: ["a"], except: ["a", "b"]) } == "brands")
        #expect(refused { $0.validity = CouponValidity(from: Self.now, until: Self.now) } == "validity")
        #expect(refused { $0.benefit = .percent(0, max: nil) } == "benefit")
        #expect(refused { $0.benefit = .amount(-1, keepsRest: false) } == "benefit")
        #expect(refused { $0.hours = [CouponHours(from: 60, until: 60)] } == "hours")
        #expect(refused { $0.blackouts = [CouponDays(from: 2, through: 1)] } == "blackouts")
        #expect(refused { $0.limits.used = 0 } == "limits")
        #expect(refused { $0.weekdays = [8] } == "weekdays")
        #expect(refused { $0.currency = "yuan" } == "currency")
    }
}
