import Storage
import TestSupport
import Testing

@testable import Engine

/// Definitions that refer to each other without end, or to what is gone.
@Suite("Criteria that refer to others")
struct CriteriaReferencesTests {
    private func refer(_ id: Int64) -> String { #"{"where":{"kind":"segment","id":"\#(id)"}}"# }

    private func chain(_ length: Int64) -> CriteriaWorld {
        var world = CriteriaWorld()
        world.traits = ["city": .string]
        for id in 1..<length { world.segments[id] = .init(name: "S\(id)", criteria: refer(id + 1)) }
        world.segments[length] = .init(name: "Last", criteria: #"{"where":{"kind":"trait","name":"city","is":"set"}}"#)
        return world
    }

    @Test("a chain that is too long is told, and what lies beyond its end holds for nobody in both stores")
    func chains() throws {
        let short = try Criteria(parsing: refer(1))
        #expect(short.issues(chain(19)).isEmpty)
        #expect(short.expanded(chain(19)).words(CriteriaPhrases(.english)) == "city has a value")
        let long = chain(40)
        #expect(short.issues(long).map(\.code) == ["too_deep"])
        #expect(short.expanded(long).words(CriteriaPhrases(.english)) == "nobody")
    }

    @Test("definitions that multiply each other are cut before they are put in")
    func widths() throws {
        var world = CriteriaWorld()
        world.traits = ["city": .string]
        // Ten levels, each asking for the next one ten times: 10¹⁰ conditions, which nobody would see the end of.
        for id in Int64(1)...10 {
            let again = Array(repeating: #"{"kind":"segment","id":"\#(id + 1)"}"#, count: 10).joined(separator: ",")
            world.segments[id] = .init(name: "S\(id)", criteria: #"{"where":{"kind":"any","of":[\#(again)]}}"#)
        }
        world.segments[11] = .init(name: "Last", criteria: #"{"where":{"kind":"trait","name":"city","is":"set"}}"#)
        let codes = try Criteria(parsing: refer(1)).issues(world).map(\.code)
        #expect(codes.contains("too_deep") && codes.contains("too_expensive"))
    }

    @Test("what is gone holds for nobody, also where the mirror still has it", arguments: AnalyticsKind.allCases)
    func gone(kind: AnalyticsKind) async throws {
        let now = Timestamp(milliseconds: 1_790_000_000_000)
        var random = RandomCriteria(seed: 4, calendar: .utc, now: now)
        let clock = CriteriaClock(now: now, calendar: .utc)
        var world = CriteriaWorld()
        world.segments[7] = .init(name: "Seven", criteria: nil)
        for (id, isThere) in [(Int64(7), true), (8, false)] {
            let definition = try Criteria(parsing: #"{"where":{"kind":"any","of":[{"kind":"segment","id":"\#(id)"}]}}"#)
            #expect(definition.issues(world).map(\.code) == (isThere ? [] : ["unknown_segment"]))
        }
        try await TestAnalytics.with(kind) { store in
            let people = try await CriteriaPopulation(&random, people: 30, store)
            var without = world
            without.segments = [:]
            let criteria = try Criteria(parsing: refer(7))
            for (world, isThere) in [(world, true), (without, false)] {
                let expanded = criteria.expanded(world)
                let found = try await store.query(CriteriaQuery(expanded, clock).matching).ints(0).sorted()
                let held = people.subjects(for: expanded, .utc).filter { expanded.holds(for: $0, clock) }
                #expect(found == held.map(\.profile.id).sorted() && found.isEmpty != isThere)
            }
            // Tags and scores that are gone, the same.
            for text in [
                #"{"kind":"tag","ids":["17"]}"#, #"{"kind":"score","model":"27","is":"at_least","value":-99}"#,
            ] {
                let gone = try Criteria(parsing: #"{"where":\#(text)}"#).expanded(CriteriaWorld())
                #expect(try await store.query(CriteriaQuery(gone, clock).matching).ints(0).isEmpty, "\(text)")
                #expect(!people.subjects(for: gone, .utc).contains { gone.holds(for: $0, clock) }, "\(text)")
            }
        }
    }
}
