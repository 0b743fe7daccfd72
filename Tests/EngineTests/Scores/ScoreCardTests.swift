import Storage
import TestSupport
import Testing

@testable import Engine

/// Points are the sum of their receipts, whatever the model and the history.
@Suite("Score cards")
struct ScoreCardTests {
    private static let calendar = LocalCalendar.utc
    private static let now = Timestamp(milliseconds: 1_790_000_000_000)

    @Test("half is left after the half-life, a quarter after two, and never more than before")
    func decay() {
        for half in [1, 7, 30, 365] as [Int64] {
            #expect(ScoreDecay.weight(days: 0, halfLifeDays: half) == ScoreDecay.one)
            #expect(ScoreDecay.weight(days: half, halfLifeDays: half) == ScoreDecay.one / 2)
            #expect(ScoreDecay.weight(days: 2 * half, halfLifeDays: half) == ScoreDecay.one / 4)
            var before = ScoreDecay.one
            for day in 1...(half * 5) {
                let weight = ScoreDecay.weight(days: day, halfLifeDays: half)
                #expect(weight <= before)
                before = weight
            }
        }
        // Against the definition, 2^(-t/h).
        let tenth = ScoreDecay.weight(days: 10, halfLifeDays: 30)
        #expect(abs(Double(tenth) / Double(ScoreDecay.one) - 0.793_700_525_984) < 1e-6)
        #expect(ScoreDecay.weight(days: 5, halfLifeDays: 0) == ScoreDecay.one)
        #expect(ScoreDecay.left(-1_001, ScoreDecay.one / 2) == -501)
        #expect(ScoreDecay.left(1_001, ScoreDecay.one / 2) == 501)
    }

    private struct Draw {
        var random: SeededGenerator

        mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        mutating func chance(_ percent: Int) -> Bool { number(0...99) < percent }

        mutating func model() throws -> ScoreDefinition {
            let groups: [JSONValue] = ["x", "y"].map { name in
                var group: [String: JSONValue] = ["name": .string(name)]
                if chance(60) { group["cap_per_day"] = .integer(Int64(number(1...20))) }
                if chance(60) { group["cap"] = .integer(Int64(number(1...60))) }
                return .object(group)
            }
            let rules = (0..<number(1...8)).map { index -> JSONValue in
                var rule: [String: JSONValue] = [
                    "id": .string("r\(index)"), "points": .number(Double(number(-80...120)) / 8),
                    "dimension": chance(30) ? "fit" : "engagement",
                ]
                if chance(50) { rule["group"] = chance(50) ? "x" : "y" }
                if chance(40) { rule["cap_per_day"] = .integer(Int64(number(1...15))) }
                switch number(0...4) {
                case 0: rule.merge(["kind": "order"]) { $1 }
                case 1: rule.merge(["kind": "amount", "per": .integer(Int64(number(1...50)))]) { $1 }
                case 2: rule.merge(["kind": "condition", "where": ["kind": "identity", "identity": "phone"]]) { $1 }
                case 3: rule.merge(["kind": "device", "events": ["viewed"], "devices": ["wechat"]]) { $1 }
                default:
                    rule.merge(["kind": "event", "event": ["names": [chance(50) ? "viewed" : "carted"]]]) { $1 }
                }
                return .object(rule)
            }
            return try ScoreDefinition(
                parsing: JSONValue.object([
                    "half_life_days": .integer(chance(20) ? 0 : Int64(number(1...90))), "groups": .array(groups),
                    "rules": .array(rules),
                ]).text())
        }

        mutating func events() -> [CriteriaEvent] {
            (0..<number(0...60)).map { index in
                CriteriaEvent(
                    position: Int64(index), name: chance(70) ? "viewed" : "carted",
                    time: ScoreCardTests.now.adding(milliseconds: -Int64(number(0...200)) * 43_200_000),
                    properties: FlatValues(),
                    context: chance(30) ? #"{"userAgent":"MicroMessenger"}"# : "{}")
            }
        }

        mutating func orders() -> [CriteriaOrder] {
            (0..<number(0...6)).map { _ in
                CriteriaOrder(
                    ms: ScoreCardTests.now.adding(days: -number(0...120)).milliseconds,
                    net: Int64(number(-200...9_000)),
                    quantity: 1, lines: [])
            }
        }
    }

    private static func subject(
        _ definition: ScoreDefinition, _ events: [CriteriaEvent], _ orders: [CriteriaOrder], phone: Bool
    ) -> CriteriaSubject {
        var state = ProfileState()
        if phone { state.identityCounts["phone"] = 1 }
        var subject = CriteriaSubject(Profile(id: 1, at: now, createdAt: now, sourceID: 1), state, calendar)
        subject.orders = orders
        for feature in definition.features {
            subject.features[feature] = FeatureState(feature, events: events, calendar)
        }
        return subject
    }

    @Test("the total is reproduced from the receipts alone, limits hold, and order does not matter", arguments: 1...60)
    func property(_ seed: Int) throws {
        var draw = Draw(random: SeededGenerator(seed: UInt64(seed)))
        let clock = CriteriaClock(now: Self.now, calendar: Self.calendar)
        let definition = try draw.model()
        #expect(try ScoreDefinition(parsing: definition.text).text == definition.text)
        let (events, orders, phone) = (draw.events(), draw.orders(), draw.chance(50))
        let card = ScoreCard(definition, Self.subject(definition, events, orders, phone: phone), clock)
        let shuffled = ScoreCard(
            definition, Self.subject(definition, events.shuffled(using: &draw.random), orders.reversed(), phone: phone),
            clock)
        #expect(shuffled == card)
        #expect(card.total == card.fit + card.engagement)
        var total: Int64 = 0
        var ofDay: [String: Int64] = [:]
        var ofGroup: [String: Int64] = [:]
        for receipt in card.receipts {
            let rule = try #require(definition.rules.first { $0.id == receipt.ruleID })
            #expect(receipt.earned == receipt.count * rule.points)
            #expect(abs(receipt.counted) <= abs(receipt.earned))
            if rule.capPerDay > 0 { #expect(abs(receipt.counted) <= rule.capPerDay) }
            if let day = receipt.day {
                #expect(
                    receipt.weight
                        == ScoreDecay.weight(days: clock.today - day, halfLifeDays: definition.halfLifeDays))
            } else {
                #expect(receipt.weight == ScoreDecay.one)
            }
            #expect(receipt.points == ScoreDecay.left(receipt.counted, receipt.weight) - receipt.cut)
            #expect(receipt.cut >= 0 && (receipt.cut == 0 || receipt.points >= 0))
            total += receipt.points
            guard receipt.counted > 0 else { continue }
            ofDay["\(receipt.group) \(receipt.day ?? 0)", default: 0] += receipt.counted
            ofGroup[receipt.group, default: 0] += receipt.points
        }
        #expect(total == card.total)
        for group in definition.groups {
            if group.cap > 0 { #expect(ofGroup[group.name, default: 0] <= group.cap) }
            guard group.capPerDay > 0 else { continue }
            for (key, points) in ofDay where key.hasPrefix(group.name + " ") { #expect(points <= group.capPerDay) }
        }
    }

    @Test("what is wrong with a model is told with its place")
    func wrong() throws {
        func issues(_ text: String) -> [String] {
            do {
                _ = try ScoreDefinition(parsing: text)
                return []
            } catch {
                return error.issues.map { "\($0.path) \($0.code)" }
            }
        }
        #expect(issues("[") == [" not_json"])
        #expect(issues(#"{"rules":[]}"#) == ["model.rules missing"])
        #expect(
            issues(
                #"{"rules":[{"id":"a","kind":"order","points":1},{"id":"a","kind":"order","points":1,"group":"g"}]}"#)
                == ["model.rules[1].id twice", "model.rules[1].group unknown_choice"])
        #expect(
            issues(#"{"rules":[{"id":"a","kind":"order","points":1e9}]}"#) == ["model.rules[0].points out_of_range"])
        #expect(
            issues(#"{"rules":[{"id":"a","kind":"condition","points":1,"where":{"kind":"trait","is":"set"}}]}"#)
                == ["model.rules[0].where.name missing"])
        #expect(
            issues(#"{"grades":{"a":1,"b":2,"c":3},"rules":[{"id":"a","kind":"order","points":1}]}"#)
                == ["model.grades.b empty_range"])
        #expect(issues(#"{"rules":[{"id":"a","kind":"luck","points":1}]}"#) == ["model.rules[0].kind unknown_choice"])
    }
}
