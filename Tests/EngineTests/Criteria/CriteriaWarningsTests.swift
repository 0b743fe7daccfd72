import Storage
import TestSupport
import Testing

@testable import Engine

/// What may be written and is hardly meant is told at the later place, and can be saved.
@Suite("Criteria that contradict themselves")
struct CriteriaWarningsTests {
    private static var world: CriteriaWorld {
        var world = CriteriaWorld()
        world.traits = ["age": .integer, "likes": .list, "birthday": .datetime, "city": .string]
        return world
    }

    private func warnings(_ text: String) throws -> [String] {
        try Criteria(parsing: #"{"where":\#(text)}"#).warnings(Self.world, CriteriaPhrases(.english)).map {
            "\($0.path) \($0.code)"
        }
    }

    private static func trait(_ name: String, _ rest: String) -> String {
        #"{"kind":"trait","name":"\#(name)",\#(rest)}"#
    }

    private static func did(_ compare: String, _ within: String) -> String {
        #"{"kind":"did","event":{"names":["Bought"]},"compare":{\#(compare)},"within":{\#(within)}}"#
    }

    private static func points(_ figure: String, _ rest: String) -> String {
        #"{"kind":"points","currency":"points","figure":"\#(figure)",\#(rest)}"#
    }

    private static func not(_ node: String) -> String { #"{"kind":"not","of":\#(node)}"# }

    /// Two conditions, and whether nobody can be both.
    static let pairs: [(String, String, Bool)] = [
        (trait("age", #""is":"more_than","value":10"#), trait("age", #""is":"less_than","value":5"#), true),
        (trait("age", #""is":"more_than","value":10"#), trait("age", #""is":"less_than","value":50"#), false),
        (trait("likes", #""is":"more_than","value":10"#), trait("likes", #""is":"less_than","value":5"#), false),
        (trait("age", #""is":"at_least","value":5"#), trait("city", #""is":"at_most","value":4"#), false),
        (
            trait("city", #""is":"equals","values":["北京"]"#), trait("city", #""is":"equals","values":["上海","苏州"]"#),
            true
        ),
        (trait("city", #""is":"equals","values":["A"]"#), trait("city", #""is":"equals","values":["a ","b"]"#), false),
        (trait("city", #""is":"contains","values":["a"]"#), not(trait("city", #""is":"set""#)), true),
        (
            trait("city", #""is":"contains","values":["a"]"#), not(trait("city", #""is":"contains","values":["a"]"#)),
            true
        ),
        (
            trait("city", #""is":"contains","values":["a"]"#), not(trait("city", #""is":"contains","values":["b"]"#)),
            false
        ),
        (trait("age", #""is":"exactly","value":7"#), not(trait("age", #""is":"between","value":5,"upper":9"#)), true),
        (trait("age", #""is":"at_least","value":7"#), not(trait("age", #""is":"between","value":5,"upper":9"#)), false),
        (not(trait("age", #""is":"at_least","value":7"#)), not(trait("age", #""is":"less_than","value":7"#)), false),
        (
            trait("birthday", #""is":"before","date":"1990-01-01""#),
            trait("birthday", #""is":"after","date":"1995-01-01""#),
            true
        ),
        (
            trait("birthday", #""is":"in_last_days","days":7"#),
            trait("birthday", #""is":"more_than_days_ago","days":30"#), true
        ),
        (
            trait("birthday", #""is":"in_last_days","days":7"#),
            trait("birthday", #""is":"before","date":"1990-01-01""#), false
        ),
        (#"{"kind":"stage","values":["growth"]}"#, #"{"kind":"stage","values":["churn","decline"]}"#, true),
        (#"{"kind":"stage","values":["growth"]}"#, not(#"{"kind":"stage","values":["growth","churn"]}"#), true),
        (#"{"kind":"stage","values":["growth","churn"]}"#, not(#"{"kind":"stage","values":["growth"]}"#), false),
        (
            #"{"kind":"consent","channel":"sms","is":"granted"}"#, #"{"kind":"consent","channel":"sms","is":"denied"}"#,
            true
        ),
        (
            #"{"kind":"consent","channel":"sms","is":"granted"}"#,
            #"{"kind":"consent","channel":"email","is":"denied"}"#, false
        ),
        (#"{"kind":"tag","ids":["1"]}"#, not(#"{"kind":"tag","ids":["1"]}"#), true),
        (#"{"kind":"tier","values":["gold"]}"#, #"{"kind":"tier","values":["silver","member"]}"#, true),
        (#"{"kind":"tier","values":["gold"]}"#, not(#"{"kind":"tier","values":["gold","silver"]}"#), true),
        (#"{"kind":"tier","values":["gold","silver"]}"#, not(#"{"kind":"tier","values":["gold"]}"#), false),
        (
            #"{"kind":"tier_days","is":"at_least","value":90}"#, #"{"kind":"tier_days","is":"at_most","value":30}"#,
            true
        ),
        (points("available", #""is":"at_least","value":9"#), points("available", #""is":"at_most","value":5"#), true),
        (points("available", #""is":"at_least","value":9"#), points("earned", #""is":"at_most","value":5"#), false),
        // Who is no member is neither.
        (
            not(points("available", #""is":"at_least","value":5"#)),
            not(points("available", #""is":"at_most","value":9"#)), false
        ),
        // What lapses within a week lapses within a month.
        (
            points("expiring", #""days":7,"is":"at_least","value":5"#),
            points("expiring", #""days":30,"is":"at_most","value":4"#), true
        ),
        (
            points("expiring", #""days":30,"is":"at_least","value":5"#),
            points("expiring", #""days":7,"is":"at_most","value":4"#), false
        ),
        (#"{"kind":"coupons"}"#, #"{"kind":"coupons","is":"exactly","value":0}"#, true),
        (#"{"kind":"coupons","ids":["1"]}"#, #"{"kind":"coupons","is":"exactly","value":0}"#, false),
        (not(#"{"kind":"coupons"}"#), #"{"kind":"coupons","is":"at_least","value":2}"#, true),
        (#"{"kind":"segment","id":"1"}"#, not(#"{"kind":"segment","id":"2"}"#), false),
        // Ten times in a week are ten times in a month.
        (
            did(#""is":"at_least","value":1"#, #""last_days":7"#),
            did(#""is":"exactly","value":0"#, #""last_days":30"#), true
        ),
        (
            did(#""is":"exactly","value":0"#, #""last_days":7"#),
            did(#""is":"at_least","value":1"#, #""last_days":30"#), false
        ),
        (
            did(#""is":"at_least","value":5"#, #""last_days":7"#), did(#""is":"less_than","value":3"#, #""ever":true"#),
            true
        ),
        (
            did(#""is":"at_least","value":5"#, #""last_days":7"#),
            not(did(#""is":"at_least","value":5"#, #""last_days":30"#)), true
        ),
        (
            not(did(#""is":"exactly","value":0"#, #""last_days":7"#)),
            did(#""is":"exactly","value":0"#, #""last_days":7"#), true
        ),
        (
            did(#""is":"at_least","value":1"#, #""from":"2026-01-01","to":"2026-01-31""#),
            did(#""is":"exactly","value":0"#, #""last_days":30"#), false
        ),
    ]

    @Test("two conditions exclude each other only when nobody can be both", arguments: pairs)
    func pair(_ one: String, _ other: String, _ isOdd: Bool) throws {
        for (first, second) in [(one, other), (other, one)] {
            let found = try warnings(#"{"kind":"all","of":[\#(first),\#(second)]}"#)
            #expect(found == (isOdd ? ["where.of[1] contradicts"] : []))
            // As alternatives they are as good as any.
            #expect(try warnings(#"{"kind":"any","of":[\#(first),\#(second)]}"#).isEmpty)
        }
    }

    @Test("groups inside each other are looked at as a whole, and words tell the other condition")
    func groups() throws {
        let (old, young) = (
            Self.trait("age", #""is":"more_than","value":60"#), Self.trait("age", #""is":"less_than","value":18"#)
        )
        let inner =
            #"{"kind":"all","of":[{"kind":"any","of":[\#(young),{"kind":"stage","values":["growth"]}]},\#(old)]}"#
        #expect(try warnings(inner) == ["where.of[0].of[0] contradicts"])
        #expect(try warnings(Self.not(#"{"kind":"all","of":[\#(old),\#(young)]}"#)) == ["where.of.of[1] contradicts"])
        #expect(try warnings(#"{"kind":"any","of":[]}"#) == ["where holds_for_nobody"])
        #expect(
            try warnings(Self.did(#""is":"less_than","value":0"#, #""ever":true"#)) == ["where holds_for_nobody"])
        let criteria = try Criteria(parsing: #"{"where":{"kind":"all","of":[\#(old),\#(young)]}}"#)
        #expect(criteria.issues(Self.world).isEmpty)
        let told = CriteriaLanguage.allCases.map { language in
            criteria.warnings(Self.world, CriteriaPhrases(language)).map { $0.text(language) }
        }
        #expect(told == [["与“age 大于 60”不可能同时成立"], ["This and “age is more than 60” cannot both be true of anybody"]])
    }

    /// The search is told wrong by one counterexample: whatever it calls impossible must hold for nobody.
    @Test("what is called impossible holds for nobody of many random people", arguments: [UInt64(11), 12, 13])
    func nobody(seed: UInt64) throws {
        let now = Timestamp(milliseconds: 1_790_000_000_000)
        var random = RandomCriteria(seed: seed, calendar: .utc, now: now)
        let clock = CriteriaClock(now: now, calendar: .utc)
        var world = CriteriaWorld()
        world.traits = ["likes": .list]
        var pairs: [(Criteria, Set<Feature>)] = []
        for _ in 0..<12_000 where pairs.count < 40 {
            let (one, other) = (random.criteria(), random.criteria())
            guard case .condition = one.root, case .condition = other.root else { continue }
            let both = Criteria(.all([one.root, other.root]))
            guard !both.warnings(world, CriteriaPhrases(.english)).isEmpty else { continue }
            pairs.append((both, both.features))
        }
        #expect(!pairs.isEmpty)
        for number in 0..<60 {
            let (person, events, orders) = random.person(Int64(number + 1))
            // One value a trait: of lists nothing is claimed.
            var subject = CriteriaSubject(person.row, person.state, .utc)
            subject.lists = Set(person.segments)
            subject.tags = Set(person.tags)
            for score in person.scores { subject.scores[score.modelID] = score }
            subject.orders = orders.map(\.order)
            for (both, features) in pairs {
                for feature in features { subject.features[feature] = FeatureState(feature, events: events, .utc) }
                #expect(!both.holds(for: subject, clock), "\(both.text)")
            }
        }
    }
}
