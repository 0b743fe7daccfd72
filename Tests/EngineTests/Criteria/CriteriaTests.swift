import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Criteria")
struct CriteriaTests {
    private func issues(_ text: String) -> [String] {
        do {
            _ = try Criteria(parsing: text)
            return []
        } catch {
            return error.issues.map { "\($0.path) \($0.code)" }
        }
    }

    @Test("in a form, what is missing is asked for in words, not by the name of its field")
    func asking() {
        func asked(_ text: String, _ language: CriteriaLanguage) -> [String] {
            do {
                _ = try Criteria(parsing: text)
                return []
            } catch {
                return error.issues.map { $0.asking(language) }
            }
        }
        let number = #"{"where":{"kind":"trait","name":"age","is":"at_least"}}"#
        #expect(asked(number, .english) == ["Enter a number"])
        #expect(asked(number, .chinese) == ["请填写数值"])
        #expect(asked(#"{"where":{"kind":"stage","values":[]}}"#, .english) == ["Enter or choose at least one"])
        #expect(asked(#"{"where":{"kind":"moon"}}"#, .english).first?.contains("moon") == true)
    }

    @Test("what is wrong is told with the path of its node")
    func paths() {
        #expect(issues("{") == [" not_json"])
        #expect(issues("{}") == ["where missing"])
        #expect(issues(#"{"version":2,"where":{"kind":"all","of":[]}}"#) == ["version unknown_version"])
        #expect(
            issues(#"{"where":{"kind":"all","of":[{"kind":"moon"},{"kind":"trait","name":"a","is":"set","oops":1}]}}"#)
                == ["where.of[0].kind unknown_choice", "where.of[1].oops unknown_field"])
        #expect(
            issues(#"{"where":{"kind":"trait","name":"a","is":"between","value":5,"upper":1}}"#)
                == ["where.upper empty_range"])
        #expect(
            issues(
                """
                {"where":{"kind":"did","event":{"names":["x"],"where":[{"property":"p","is":"at_least","value":"much"}]},
                "within":{"last_days":100000}}}
                """) == ["where.event.where[0].value wrong_type", "where.within.last_days out_of_range"])
        var deep = #"{"kind":"all","of":[]}"#
        for _ in 0..<20 { deep = #"{"kind":"not","of":\#(deep)}"# }
        #expect(issues(#"{"where":\#(deep)}"#).contains { $0.hasSuffix("too_deep") })
        let many = Array(repeating: #"{"kind":"trait","name":"a","is":"set"}"#, count: 49).joined(separator: ",")
        let group = #"{"kind":"any","of":[\#(many)]}"#
        #expect(issues(#"{"where":{"kind":"all","of":[\#(group),\#(group),\#(group)]}}"#) == ["where too_many"])
    }

    @Test("the workspace is asked: traits, their types, events, segments, circles, cost")
    func world() throws {
        var world = CriteriaWorld()
        world.traits = ["age": .boolean, "city": .string]
        world.declaredTraits = ["age"]
        world.events = ["Bought"]
        world.segments = [
            1: .init(name: "One", criteria: #"{"where":{"kind":"segment","id":"2"}}"#),
            2: .init(name: "Two", criteria: #"{"where":{"kind":"trait","name":"city","is":"set"}}"#),
        ]
        func codes(_ node: String, segment: Int64? = nil) throws -> [String] {
            try Criteria(parsing: #"{"where":\#(node)}"#).issues(world, segment: segment).map {
                "\($0.path) \($0.code)"
            }
        }
        #expect(try codes(#"{"kind":"trait","name":"nope","is":"set"}"#) == ["where.name unknown_trait"])
        #expect(
            try codes(#"{"kind":"trait","name":"age","is":"at_least","value":3}"#) == ["where.is trait_of_other_type"])
        #expect(try codes(#"{"kind":"did","event":{"names":["Sold"]}}"#) == ["where.event.names unknown_event"])
        #expect(try codes(#"{"kind":"segment","id":"9"}"#) == ["where.id unknown_segment"])
        #expect(try codes(#"{"kind":"segment","id":"1"}"#, segment: 2) == ["where.id cycle"])
        #expect(try codes(#"{"kind":"segment","id":"1"}"#, segment: 3) == [])
        let sequence = #"{"kind":"sequence","steps":[{"names":["Bought"]},{"names":["Bought"]}],"in":{"days":1}}"#
        let dear = Array(repeating: sequence, count: 11).joined(separator: ",")
        #expect(try codes(#"{"kind":"any","of":[\#(dear)]}"#) == ["where too_expensive"])
        let inner = try Criteria(parsing: #"{"where":{"kind":"segment","id":"1"}}"#).expanded(world)
        #expect(inner.words(CriteriaPhrases(.english)) == "city has a value")
    }

    @Test("values are read as the manual says")
    func values() throws {
        let calendar = try #require(LocalCalendar(timeZone: "Asia/Shanghai"))
        func value(_ json: JSONValue) -> CriteriaValue? { CriteriaValue(json, calendar) }
        #expect(value(" ABC ")?.text == "abc")
        #expect(value("E\u{301}")?.text == "\u{E9}")
        #expect(value("12.34567")?.number == 123_456)
        #expect(value("-0.5")?.number == -5_000)
        #expect(value("1e3")?.number == CriteriaValue.noNumber)
        #expect(value(".")?.number == CriteriaValue.noNumber)
        #expect(value(.integer(Int64.max))?.number == CriteriaValue.noNumber)
        #expect(value(.number(0.00005))?.number == 1)
        #expect(value("2026-05-01")?.date == 20_260_501)
        #expect(value("2026-04-30T16:00:00Z")?.date == 20_260_501)
        #expect(value(.integer(1_777_600_000_000))?.date == 20_260_501)
        #expect(value(.null) == nil)
        #expect(FlatValues(["a": ["x", ["b": 1]], "c": .null], calendar).names == ["a", "a.b"])
    }

    @Test(
        "birthdays wrap around the year, and 29 February comes back on the 28th",
        arguments: [
            ("2026-12-30", "1990-01-02", true), ("2026-12-30", "1990-01-09", false), ("2026-02-27", "2000-02-29", true),
            ("2028-02-20", "2000-02-29", false), ("2028-02-25", "2000-02-29", true),
            ("2026-03-01", "2000-02-29", false),
        ])
    func birthdays(today: String, birthday: String, isNear: Bool) throws {
        let day = try #require(LocalCalendar.day(fromText: today))
        let clock = CriteriaClock(now: LocalCalendar.utc.start(ofDay: day), calendar: .utc)
        let value = try #require(CriteriaValue(.string(birthday), .utc))
        #expect(ValueTest.date(.anniversaryInDays(7)).passes(value, clock) == isNear)
    }

    @Test("a definition is told in both languages")
    func words() throws {
        let criteria = try Criteria(
            parsing: """
                {"where":{"kind":"all","of":[{"kind":"stage","values":["growth"]},
                {"kind":"did","event":{"names":["Bought"],"where":[{"property":"price","is":"at_least","value":10}]},
                 "compare":{"is":"exactly","value":0},"within":{"last_days":30}},
                {"kind":"not","of":{"kind":"consent","channel":"sms","is":"denied"}}]}}
                """)
        #expect(
            criteria.words(CriteriaPhrases(.english))
                == "is in growth and did not “Bought” where price is at least 10 in the last 30 days"
                + " and not (sms consent is denied)")
        #expect(
            criteria.words(CriteriaPhrases(.chinese))
                == "处于成长阶段，并且最近 30 天没有“Bought”（price 不少于 10），并且不满足（sms已拒绝）")
    }

    @Test("every kind has a form and stands in the catalogue once")
    func catalogue() {
        #expect(Set(CriteriaCatalog.all.map { $0.kind }).count == CriteriaCatalog.all.count)
        #expect(CriteriaCatalog.all.allSatisfy { !$0.form.parts.isEmpty && !$0.form.chinese.isEmpty })
    }

    @Test("a feature's state does not depend on order and survives being written down")
    func features() throws {
        var random = RandomCriteria(seed: 9, calendar: .utc, now: Timestamp(milliseconds: 1_790_000_000_000))
        let events = (0..<200).map { _ in random.event() }
        for keeps in [Feature.Keeps.days, .samples] {
            let feature = Feature(EventFilter(names: ["carted", "viewed"]), property: "price", keeps: keeps)
            let straight = FeatureState(feature, events: events, .utc)
            var halves = FeatureState(feature, events: Array(events[100...].reversed()), .utc)
            halves.merge(FeatureState(feature, events: Array(events[..<100]), .utc))
            #expect(straight == halves)
            #expect(try FeatureState(parsing: straight.text) == straight)
            #expect(try Feature(text: feature.text) == feature)
        }
    }
}
