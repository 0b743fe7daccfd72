import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("What variants of a template came to", .serialized)
struct VariantFigureTests {
    @Test("each counts what left of it, once however often it was opened, and no test", arguments: StoreKind.allCases)
    func figures(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            let (effects, now) = (world.platform.effects, world.clock.now)
            let template = try await world.platform.store.write { connection in
                let variants = ["A", "B"].map { TemplateContent.Variant(name: $0, subject: "Hi \($0)", body: "Hello") }
                let made = try MessageTemplates.create(
                    MessageTemplate.Draft(
                        name: "Two", channel: "inbox", topic: "offers", content: TemplateContent(variants: variants)),
                    by: "test", effects, connection)
                return try MessageTemplates.publish(made.id, by: "test", at: now, connection).id
            }
            let plan = { (person: Int64, origin: MessageOrigin) in
                MessagePlan(
                    key: "\(origin.kind) \(person)", profileID: person, templateID: template, origin: origin,
                    isTransactional: true, due: now)
            }
            for person in Int64(1)...20 { try await world.person(person) }
            let plans = (Int64(1)...20).map { plan($0, .api) } + [plan(1, .test(userID: 1))]
            let ids = try await world.platform.store.write { try Messages.plan(plans, at: now, $0) }
            try await world.send()
            var sent: [String: [Int64]] = [:]
            for id in ids.dropLast() {
                let variant = try await world.message(id).variant
                sent[variant, default: []].append(id)
            }
            #expect(sent.keys.sorted() == ["A", "B"])
            let (first, second) = (try #require(sent["B"]?.first), try #require(sent["A"]?.first))
            try await world.platform.store.write { connection in
                for _ in 0..<2 { try MessageProgress.opened(first, isPerson: true, effects, connection) }
                try MessageProgress.clicked(first, isPerson: true, url: "https://a.example", effects, connection)
                try MessageProgress.opened(second, isPerson: false, effects, connection)
            }
            let found = try await world.platform.store.read { try VariantFigures.of(template, $0) }
            #expect(found.map(\.variant) == ["A", "B"])
            let counts = ["A", "B"].map { Int64(sent[$0]?.count ?? 0) }
            #expect(found.map(\.sent) == counts)
            #expect(found.map(\.opened) == [0, 1] && found.map(\.clicked) == [0, 1])
            var filter = MessageList.Filter()
            (filter.templateID, filter.variant, filter.reached) = (template, "B", "clicked")
            let (wanted, all) = (filter, found.map(\.sent).reduce(0, +))
            let listed = try await world.platform.store.read {
                try MessageList.page(wanted, before: nil, limit: 10, $0)
            }
            #expect(listed.map(\.id) == [first] && all == 20)
        }
    }
}
