import Testing

@testable import Engine

/// Rules as a pure function.
@Suite("Earning rules")
struct EarningEvaluationTests {
    static let calendar = LocalCalendar.utc
    static let start = Timestamp(milliseconds: 1_780_000_000_000)

    static func set(_ json: String) throws -> EarningRuleSet { try LoyaltyProgram(parsing: json).rules }

    static func facts(
        _ lines: [(String, Int64, Int64)] = [("a", 10_000, 1)], key: String = "order:1", at time: Timestamp = start,
        tier: String? = nil, store: String = "", isFirst: Bool = false, shipping: Int64 = 0, tax: Int64 = 0,
        traits: [String: JSONValue] = [:], since: Timestamp = start.adding(days: -400)
    ) -> EarningFacts {
        var order = EarningOrder(
            id: "1", isForeign: false, store: store, channel: "",
            lines: lines.map { name, amount, quantity in
                var product = CriteriaOrder.Line()
                (product.sku, product.category) = (name, name.hasPrefix("tea") ? "tea" : "other")
                return EarningLine(key: name, product: product, amount: amount, quantity: quantity)
            }, shipping: shipping, isFirst: isFirst)
        if tax > 0 { order.lines[0].tax = tax }
        return EarningFacts(
            key: key, time: time, member: EarningMember(account: 7, since: since, tier: tier), order: order,
            subject: subject(traits), clock: CriteriaClock(now: time, calendar: calendar))
    }

    static func subject(_ traits: [String: JSONValue]) -> CriteriaSubject {
        let profile = Profile(id: 1, at: start, createdAt: start, sourceID: 1)
        var subject = CriteriaSubject(profile, ProfileState(), calendar)
        subject.traits = FlatValues(traits, calendar)
        return subject
    }

    static func points(_ facts: EarningFacts, _ set: EarningRuleSet) -> Int64 {
        var uses = EarningUses()
        return EarningEvaluation.run(facts, set, &uses).gifts.reduce(0) { $0 + $1.points }
    }

    static let base = #"{"id":"base","kind":"order_amount","points":1,"per":10}"#

    @Test("every kind of rule and condition reads what it writes, and tells itself in both languages")
    func golden() throws {
        let rules = [
            #"{"id":"a","kind":"order_amount","points":3,"per":0.5,"rounding":"nearest","round_on":"line","with_tax":true,"with_shipping":true}"#,
            #"{"id":"b","kind":"order_unit","points":5,"units":2,"when":[{"kind":"product","field":"category","is":"not_in","values":["gift"]}]}"#,
            #"{"id":"c","kind":"order_fixed","points":50,"when":[{"kind":"order_sum","is":"at_least","value":300},{"kind":"first_purchase"}]}"#,
            #"{"id":"d","kind":"multiplier","times":1.5,"rules":["a"],"rounding":"up","when":[{"kind":"tier","values":["gold"]}]}"#,
            #"{"id":"e","kind":"event","points":5,"event":{"names":["Article Read"]},"when":[{"kind":"property","property":"seconds","is":"at_least","value":30}]}"#,
            #"{"id":"f","kind":"event_amount","points":2,"per":10,"property":"minutes","event":{"names":["Walked"]},"rounding":"down"}"#,
            #"{"id":"g","kind":"check_in","points":5,"event":"Checked In","streak":[{"days":7,"points":50}],"cycle_days":7}"#,
            #"{"id":"h","kind":"referral","points":200,"friend_points":100,"on":"first_order","field":"referred_by"}"#,
            #"{"id":"i","kind":"profile","points":100,"traits":["birthday","gender"]}"#,
            #"{"id":"j","kind":"review","event":"Product Reviewed","points":20,"characters":30,"with_photo":10}"#,
            #"{"id":"k","kind":"order_fixed","points":9,"when":[{"kind":"birthday","within":"week"},{"kind":"anniversary","within":"day"},{"kind":"weekday","days":[6,7]},{"kind":"hours","hours":[9,10]},{"kind":"store","values":["s1"]},{"kind":"channel","values":["app"]}],"caps":[{"per":"member","period":"month","points":100,"times":2},{"per":"event","points":9}],"from":"2026-01-01","to":"2026-12-31","group":"g","priority":5,"pending":{"event":"Order Delivered"},"expires":{"days":30},"where":{"kind":"trait","name":"city","is":"equals","values":["上海"]},"paused":true}"#,
        ]
        let text = """
            {"rules":[\(rules.joined(separator: ","))],"groups":[{"name":"g","take":"best"}],
             "caps":[{"currency":"points","per":"member","period":"day","points":1000}],
             "budget":{"currency":"points","points":1000000,"period":"year"},"accepted_days":30}
            """
        let program = try LoyaltyProgram(parsing: text)
        #expect(program.rules.rules.count == rules.count)
        #expect(try LoyaltyProgram(parsing: program.text).text == program.text)
        #expect(Set(program.rules.rules.map { type(of: $0.kind).kind }) == Set(EarningRuleCatalog.all.map { $0.kind }))
        let conditions = program.rules.rules.flatMap(\.when).map { type(of: $0).kind }
        #expect(Set(conditions) == Set(EarningConditionCatalog.all.map { $0.kind }))
        for language in CriteriaLanguage.allCases {
            for rule in program.rules.rules { #expect(!rule.words(CriteriaPhrases(language)).isEmpty) }
        }
        let named = try LoyaltyProgram(
            parsing: text.replacingOccurrences(of: #"{"id":"a","#, with: #"{"id":"a","name":"基础积分","#))
        let phrases = CriteriaPhrases(.chinese).naming(named.rules)
        #expect(named.rules.rules[3].words(phrases).contains("规则“基础积分”的积分"))
        #expect(EarningVerdict.outdone("a").words(nil, phrases).contains("规则“基础积分”优先"))
        #expect(throws: CriteriaError.self) { try LoyaltyProgram(parsing: #"{"rules":[{"id":"a","kind":"magic"}]}"#) }
        #expect(throws: CriteriaError.self) {
            try LoyaltyProgram(parsing: #"{"rules":[\#(Self.base),\#(Self.base)]}"#)
        }
    }

    @Test("float rounding: tenths add up exactly, and rounding is as the rule says")
    func rounding() throws {
        // 0.1 + 0.2 of a unit, a hundred times: no binary fraction loses a point.
        let lines = (0..<100).flatMap { [("x\($0)", Int64(10), Int64(1)), ("y\($0)", Int64(20), Int64(1))] }
        let rule = #"{"rules":[{"id":"r","kind":"order_amount","points":10,"per":1,"rounding":"down"}]}"#
        #expect(Self.points(Self.facts(lines), try Self.set(rule)) == 300)
        for (rounding, points) in [("down", 1), ("nearest", 2), ("up", 2)] as [(String, Int64)] {
            let set = try Self.set(
                #"{"rules":[{"id":"r","kind":"order_amount","points":1,"per":10,"rounding":"\#(rounding)"}]}"#)
            #expect(Self.points(Self.facts([("a", 1_500, 1)]), set) == points)
        }
        let line = try Self.set(#"{"rules":[{"id":"r","kind":"order_amount","points":1,"per":10,"round_on":"line"}]}"#)
        #expect(Self.points(Self.facts([("a", 1_900, 1), ("b", 1_900, 1)]), line) == 2)
        #expect(
            Self.points(Self.facts([("a", 1_900, 1), ("b", 1_900, 1)]), try Self.set(#"{"rules":[\#(Self.base)]}"#))
                == 3)
        let all = try Self.set(
            #"{"rules":[{"id":"r","kind":"order_amount","points":1,"per":1,"with_tax":true,"with_shipping":true}]}"#)
        #expect(Self.points(Self.facts([("a", 10_000, 1)], shipping: 800, tax: 600), all) == 114)
    }

    @Test("shares of a whole add up to it, whatever the weights")
    func spreading() {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<500 {
            let weights = (0..<Int.random(in: 1...9, using: &generator)).map { _ in
                Int64.random(in: 0...3, using: &generator) * Int64.random(in: 0...1_000_000_000, using: &generator)
            }
            let whole = Int64.random(in: 0...1_000_000_000_000, using: &generator)
            let shares = EarningRounding.spread(whole, over: weights)
            #expect(shares.reduce(0, +) == whole)
            #expect(shares.allSatisfy { $0 >= 0 })
        }
    }

    @Test("groups choose, multipliers add up, and the waterfall says why the others gave nothing")
    func stacking() throws {
        let text = """
            {"rules":[\(Self.base),
             {"id":"tea","kind":"order_unit","points":30,"group":"promo","when":[{"kind":"product","field":"category","values":["tea"]}]},
             {"id":"flat","kind":"order_fixed","points":20,"group":"promo"},
             {"id":"gold","kind":"multiplier","times":2,"when":[{"kind":"tier","values":["gold"]}],"rules":["base"]},
             {"id":"weekend","kind":"multiplier","times":3,"rules":["base"]},
             {"id":"old","kind":"order_fixed","points":5,"to":"2020-01-01"}],
             "groups":[{"name":"promo","take":"best"}]}
            """
        let set = try Self.set(text)
        var uses = EarningUses()
        let outcome = EarningEvaluation.run(
            Self.facts([("tea1", 5_000, 2), ("pot", 5_000, 1)], tier: "gold"), set, &uses)
        let given = Dictionary(uniqueKeysWithValues: outcome.waterfall.map { ($0.rule, $0) })
        #expect(given["base"]?.points == 10)
        #expect(given["tea"]?.points == 60)
        #expect(given["flat"]?.verdict == .outdone("tea"))
        #expect(given["gold"]?.points == 10)
        #expect(given["weekend"]?.points == 20)
        #expect(given["old"]?.verdict == .notInForce)
        #expect(given["tea"]?.parts == [EarningPart(line: "tea1", basis: 2, points: 60)])
        let plain = EarningEvaluation.run(Self.facts([("pot", 5_000, 1)], tier: "silver"), set, &uses)
        #expect(plain.waterfall.first { $0.rule == "tea" }?.verdict == .noLines)
        #expect(plain.waterfall.first { $0.rule == "gold" }?.verdict == .unmet("tier", "silver"))
        #expect(plain.waterfall.first { $0.rule == "flat" }?.points == 20)
        for step in outcome.waterfall + plain.waterfall { #expect(EarningStep(json: step.json) == step) }
    }

    @Test("exclusive rules: the first by priority that gives something")
    func exclusive() throws {
        let text = """
            {"rules":[{"id":"a","kind":"order_fixed","points":90,"group":"x"},
             {"id":"b","kind":"order_fixed","points":10,"group":"x","priority":9},
             {"id":"c","kind":"order_fixed","points":50,"group":"x","priority":99,"when":[{"kind":"first_purchase"}]}],
             "groups":[{"name":"x","take":"exclusive"}]}
            """
        #expect(Self.points(Self.facts(), try Self.set(text)) == 10)
        #expect(Self.points(Self.facts(isFirst: true), try Self.set(text)) == 50)
    }

    @Test("no cap is ever exceeded: of an event, a member, a period, all members, the budget")
    func caps() throws {
        let text = """
            {"rules":[{"id":"a","kind":"order_amount","points":1,"per":1,
               "caps":[{"per":"event","points":120},{"per":"member","period":"day","points":150,"times":3},
                       {"per":"all","period":"month","points":900}]},
              {"id":"b","kind":"order_fixed","points":40},
              {"id":"m","kind":"multiplier","times":2}],
             "caps":[{"per":"event","points":300},{"per":"member","period":"week","points":1000}],
             "budget":{"points":3000}}
            """
        let set = try Self.set(text)
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<20 {
            var uses = EarningUses()
            var total: Int64 = 0
            var byDay: [String: (points: Int64, times: Int64)] = [:]
            var byWeek: [String: Int64] = [:]
            for number in 0..<120 {
                let time = Self.start.adding(milliseconds: Int64(number) * 6 * 3_600_000)
                var facts = Self.facts(
                    [("a", Int64.random(in: 0...30_000, using: &generator), 1), ("b", 333, 2)], key: "order:\(number)",
                    at: time)
                facts.member.account = Int64.random(in: 1...3, using: &generator)
                var silent = uses
                let unexplained = EarningEvaluation.run(facts, set, &silent, explaining: false)
                let outcome = EarningEvaluation.run(facts, set, &uses)
                #expect(unexplained == EarningOutcome(gifts: outcome.gifts) && silent == uses)
                let sum = outcome.gifts.reduce(0) { $0 + $1.points }
                total += sum
                #expect(sum <= 300)
                let own = outcome.gifts.filter { $0.rule == "a" }.reduce(0) { $0 + $1.points }
                #expect(own <= 120)
                let day = "\(facts.member.account) \(facts.day)"
                byDay[day, default: (0, 0)].points += own
                byDay[day, default: (0, 0)].times += own > 0 ? 1 : 0
                byWeek["\(facts.member.account) \(EarningCap.Period.week.key(facts.day))", default: 0] += sum
                #expect(outcome.waterfall.allSatisfy { $0.points <= $0.computed })
                #expect(outcome.gifts.allSatisfy { $0.parts.allSatisfy { $0.points > 0 } })
            }
            #expect(total <= 3_000)
            #expect(byDay.values.allSatisfy { $0.points <= 150 && $0.times <= 3 })
            #expect(byWeek.values.allSatisfy { $0 <= 1_000 })
        }
    }

    @Test(
        "birthdays by day, week and month; the 29th of February is the 28th in other years; anniversaries begin later")
    func yearly() throws {
        let day = { (text: String) in LocalCalendar.day(fromText: text) ?? 0 }
        let leap = day("2000-02-29")
        #expect(YearlySpan.day.contains(day("2024-02-29"), of: leap))
        #expect(!YearlySpan.day.contains(day("2024-02-28"), of: leap))
        #expect(YearlySpan.day.contains(day("2026-02-28"), of: leap))
        #expect(YearlySpan.week.contains(day("2026-12-29"), of: day("1990-01-02")))
        #expect(!YearlySpan.week.contains(day("2026-12-27"), of: day("1990-01-02")))
        #expect(YearlySpan.month.contains(day("2026-05-31"), of: day("1990-05-01")))
        let birthday = try Self.set(
            #"{"rules":[{"id":"a","kind":"order_fixed","points":7,"when":[{"kind":"birthday","within":"month"}]}]}"#)
        let at = Self.calendar.start(ofDay: day("2026-05-20"))
        #expect(Self.points(Self.facts(at: at, traits: ["birthday": "1990-05-01"]), birthday) == 7)
        #expect(Self.points(Self.facts(at: at, traits: ["birthday": "1990-06-01"]), birthday) == 0)
        let joined = try Self.set(
            #"{"rules":[{"id":"a","kind":"order_fixed","points":7,"when":[{"kind":"anniversary","within":"day"}]}]}"#)
        #expect(Self.points(Self.facts(at: at, since: at), joined) == 0)
        let year = Self.calendar.start(ofDay: day("2025-05-20"))
        #expect(Self.points(Self.facts(at: at, since: year), joined) == 7)
    }

    @Test("whatever comes back in any split leaves the same, and nothing when all came back")
    func returns() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<200 {
            let pieces = Int64.random(in: 1...9, using: &generator)
            let points = Int64.random(in: 0...10_000, using: &generator)
            var state = OrderState()
            func apply(_ action: OrderAction, _ text: String, _ id: String) {
                _ = state.apply(
                    OrderReader.read(text, action: action), at: Self.start, messageID: id, priority: 1, sourceID: 1)
            }
            apply(
                .completed,
                #"{"order_id":"1","revenue":\#(pieces * 10 + 7),"products":[{"sku":"a","price":10,"quantity":\#(pieces)},{"sku":"b","price":7,"quantity":1}]}"#,
                "m")
            var left = pieces
            var last = points
            var number = 0
            while left > 0 {
                let back = Int64.random(in: 1...left, using: &generator)
                left -= back
                number += 1
                apply(
                    .refunded,
                    #"{"order_id":"1","refund_id":"r\#(number)","refund_amount":\#(back * 10),"products":[{"sku":"a","price":10,"quantity":\#(back)}]}"#,
                    "r\(number)")
                let shares = EarningReturns.shares(state, currency: "CNY")
                let now = shares.lines["a"]?.left(of: points) ?? 0
                #expect(now <= last)
                #expect(now == points - points * (pieces - left) / pieces)
                #expect(shares.lines["b"]?.left(of: points) == points)
                last = now
            }
            #expect(last == 0)
        }
    }
}
