import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Catalogue")
struct CatalogueTests {
    @Test("every name is counted with its type, and personal examples are masked", arguments: StoreKind.allCases)
    func discovery(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            for minute in 0..<3 as Range<Int64> {
                try await world.process([
                    .test(
                        "Tea Brewed", ["user_id": "u1"], minute: minute,
                        properties:
                            #"{"leaf":"龙井","grams":3,"hot":true,"at":"2026-05-01","price":1.5,"l":[1],"o":{}}"#,
                        traits: #"{"email":"a@b.cn","city":"杭州","level":2}"#)
                ])
            }
            let events = try await world.store.read { try CatalogueList.events($0) }
            #expect(events.map(\.name) == ["Tea Brewed"])
            #expect(events[0].volume == 3)
            let fields = try await world.store.read { try CatalogueList.properties(of: "Tea Brewed", $0) }
            #expect(fields.map(\.name) == ["at", "grams", "hot", "l", "leaf", "o", "price"])
            #expect(fields.map(\.seenType) == [.datetime, .integer, .boolean, .list, .string, .object, .number])
            #expect(fields.allSatisfy { $0.volume == 3 })
            let traits = try await world.store.read { try CatalogueList.traits($0) }
            #expect(traits.map(\.traitClass) == [.life, .basic, .behaviour])
            #expect(traits[1].isPersonal)
            #expect(traits[1].example == "•••")
        }
    }

    @Test("declarations are obeyed from the next batch on, and violations counted", arguments: StoreKind.allCases)
    func declarations(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            let event = IncomingEvent.test(
                "Tea Brewed", ["user_id": "u1"], properties: #"{"grams":"three"}"#, traits: #"{"secret":1,"ok":2}"#)
            try await world.process([event])
            let owner = CatalogueDeclarations.owner(ofEvent: "Tea Brewed")
            try await world.store.write { connection in
                let now = PeopleHarness.start
                try Declare.field(.init(owner: owner, name: "grams", type: .number), at: now, connection)
                try Declare.field(.init(owner: owner, name: "leaf", isRequired: true), at: now, connection)
                try Declare.field(.init(owner: "trait", name: "secret", isBlocked: true), at: now, connection)
                try Declare.event(.init(name: "Noise", isBlocked: true), at: now, connection)
            }
            let id = try await world.process([event, .test("Noise", ["user_id": "u1"], minute: 1)]).profiles[0]
            let violations = try await world.store.read { try CatalogueList.violations($0) }
            let rules = violations.map { "\($0.owner).\($0.name) \($0.rule.rawValue)" }.sorted()
            #expect(
                rules == [
                    "event:Noise. blocked", "event:Tea Brewed.grams wrong_type", "event:Tea Brewed.leaf missing",
                    "trait.secret blocked",
                ])
            #expect(try await world.detail(id).profile.eventCount == 2)
            let again = try await world.process([
                .test("Identify", ["user_id": "u9"], minute: 2, traits: #"{"secret":1}"#)
            ])
            #expect(try await world.detail(again.profiles[0]).state.value("secret") == nil)
        }
    }

    @Test("an event name without end of properties is listed up to the limit", arguments: StoreKind.allCases)
    func bounded(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            let properties = (0..<CatalogueLimits.fieldsPerOwner + 50).map { "\"p\($0)\":1" }.joined(separator: ",")
            try await world.process([.test("Wide", ["user_id": "u1"], properties: "{\(properties)}")])
            let fields = try await world.store.read { try CatalogueList.properties(of: "Wide", $0) }
            #expect(fields.count == CatalogueLimits.fieldsPerOwner)
            let violations = try await world.store.read { try CatalogueList.violations($0) }
            #expect(violations.map(\.rule) == [.tooMany])
        }
    }
}
