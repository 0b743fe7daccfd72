import Storage
import TestSupport
import Testing

@testable import Engine

/// Nodes that ask somebody and wait for what is answered: the team, a webhook, an experiment, people themselves.
@Suite("Journeys that ask", .serialized)
struct JourneyAskingTests {
    private static let task: [JSONValue] = [
        [
            "id": "call", "kind": "task", "title": "Call them", "role": "service", "amount": 2, "unit": "days",
            "paths": [
                ["name": "Done", "answer": "done", "steps": [["id": "done", "kind": "goal"]]],
                ["name": "Skipped", "answer": "skipped", "steps": [["id": "skipped", "kind": "exit"]]],
            ], "otherwise": [["id": "late", "kind": "exit"]],
        ]
    ]

    private static func tasks(_ harness: JourneyHarness) async throws -> [StaffTask] {
        try await harness.platform.store.read { try StaffTasks.list(StaffTasks.Filter(), limit: 100, $0) }
    }

    private static func close(
        _ harness: JourneyHarness, _ task: StaffTask, _ state: StaffTask.State, _ note: String = ""
    ) async throws -> StaffTask {
        let effects = harness.platform.effects
        return try await harness.platform.store.write {
            try StaffTasks.close(task.id, state, note: note, by: "user:1", effects, $0)
        }
    }

    @Test(
        "the team is asked once, closes once, and people go the way of what was decided", arguments: StoreKind.allCases)
    func team(kind: StoreKind) async throws {
        try await JourneyHarness.with(kind) { harness in
            let journey = try await harness.live(JourneyHarness.definition(Self.task))
            for user in ["ann", "bob", "cid", "dan"] { try await harness.send("Signed Up", user) }
            try await harness.settle()
            let tasks = try await Self.tasks(harness)
            #expect(tasks.count == 4 && tasks.allSatisfy { $0.title == "Call them" && $0.role == .service })
            #expect(tasks.allSatisfy { $0.due > harness.clock.now.adding(days: 1) })
            func task(_ user: String) async throws -> StaffTask {
                let id = try await harness.person(user)
                return try #require(tasks.first { $0.profileID == id })
            }
            let ann = try await task("ann")
            #expect(try await Self.close(harness, ann, .done, " reached her ").note == "reached her")
            #expect(try await Self.close(harness, ann, .done).state == .done)
            await #expect(throws: StaffTaskError.closed(.done)) { _ = try await Self.close(harness, ann, .skipped) }
            _ = try await Self.close(harness, try await task("bob"), .skipped)
            let dan = try await harness.run(journey, of: "dan")
            let effects = harness.platform.effects
            _ = try await harness.platform.store.write {
                try JourneyRuns.remove(dan.id, of: journey.id, by: "t", effects: effects, $0)
            }
            try await harness.settle()
            let run = try await harness.run(journey, of: "ann")
            #expect(run.goalAt != nil && run.values.contains("reached her"))
            #expect(try await harness.visits(run).first?.path == "Done")
            #expect(try await harness.visits(harness.run(journey, of: "bob")).first?.path == "Skipped")
            #expect(try await Self.tasks(harness).filter { $0.state == .withdrawn }.map(\.id) == [task("dan").id])
            harness.clock.advance(milliseconds: 2 * JourneyHarness.day)
            try await harness.settle()
            let late = try await harness.visits(harness.run(journey, of: "cid"))
            #expect(late.map(\.node) == ["call", "late"] && late.first?.note == "timeout")
            #expect(try await harness.count("SELECT count(*) FROM event_log WHERE name = 'Task Closed'") == 2)
        }
    }

    private static func asking(_ webhook: Int64) -> [JSONValue] {
        [
            [
                "id": "ask", "kind": "webhook", "webhook": JSONValue(id: webhook),
                "keep": ["level", "city=address.city"],
                "amount": 1, "unit": "hours",
                "paths": [
                    [
                        "name": "Gold", "answer": "answered", "steps": [],
                        "where": [["property": "level", "is": "equals", "values": ["gold"]]],
                    ],
                    ["name": "Other", "answer": "answered", "steps": []],
                    ["name": "Failed", "answer": "failed", "steps": []],
                ], "otherwise": [],
            ]
        ]
    }

    @Test(
        "what a webhook answers is kept and chooses the way; failures and silence have ways too",
        arguments: StoreKind.allCases)
    func webhook(kind: StoreKind) async throws {
        try await JourneyHarness.with(kind) { harness in
            let platform = harness.platform
            let webhook = try await platform.store.write {
                try Webhooks.create(
                    WebhookEndpoint.Draft(url: "https://a.example.com/x", events: ["Coupon Expired"], segments: []),
                    by: "test",
                    platform.seal, platform.effects, $0
                ).endpoint.id
            }
            let journey = try await harness.live(JourneyHarness.definition(Self.asking(webhook)))
            func answer(_ user: String, _ status: Int, _ body: String) async throws -> JourneyVisitRecord {
                try await harness.send("Signed Up", user)
                try await harness.settle()
                let service = WebhookService(platform: platform) { _ in
                    OutgoingRequest.Answer(status: status, bytes: Array(body.utf8))
                }
                try await service.catchUp()
                try await harness.settle()
                return try #require(try await harness.visits(harness.run(journey, of: user)).first)
            }
            let gold = try await answer("ann", 200, #"{"level":"gold","address":{"city":"Wuhan"},"secret":1}"#)
            #expect(gold.path == "Gold" && gold.note == "answered")
            let values = try JSONValue(parsing: try await harness.run(journey, of: "ann").values)
            #expect(values["answers"]?["ask"] == ["level": "gold", "city": "Wuhan"])
            #expect(try await answer("bob", 200, "no json").path == "Other")
            #expect(try await answer("cid", 410, "gone").path == "Failed")
            // The endpoint is gone: nobody answers.
            try await harness.send("Signed Up", "dan")
            try await harness.settle()
            harness.clock.advance(milliseconds: JourneyHarness.day)
            try await harness.settle()
            let silent = try #require(try await harness.visits(harness.run(journey, of: "dan")).first)
            #expect(silent.path == "otherwise")
            await #expect(throws: WebhookError.self) {
                try await platform.store.write { try Webhooks.delete(webhook, by: "test", platform.effects, $0) }
            }
        }
    }

    @Test(
        "who answers a message comes in, by channel and word; the same answer counts once",
        arguments: StoreKind.allCases)
    func replies(kind: StoreKind) async throws {
        try await JourneyHarness.with(kind) { harness in
            let definition: JSONValue = [
                "version": 1, "entry": ["kind": "reply", "channels": ["inbox"], "words": ["Help", "退订"]],
                "reentry": ["kind": "after_exit"],
                "steps": [["id": "w", "kind": "wait", "amount": 1, "unit": "hours"]],
            ]
            let journey = try await harness.live(definition)
            for user in ["ann", "bob", "cid"] { try await harness.send("identify", user) }
            try await harness.settle()
            let (effects, now) = (harness.platform.effects, harness.clock.now)
            func say(_ user: String, _ channel: String, _ text: String, _ key: String) async throws -> Bool {
                let person = try await harness.person(user)
                return try await harness.platform.store.write {
                    try MessageReplies.receive(
                        MessageReply.Incoming(key: key, channel: channel, profileID: person, text: text, at: now),
                        effects, $0
                    ).isNew
                }
            }
            #expect(try await say("ann", "inbox", "please HELP me", "1"))
            #expect(try await !say("ann", "inbox", "please HELP me", "1"))
            #expect(try await say("bob", "email", "help", "1"))
            #expect(try await say("cid", "inbox", "thank you", "2"))
            try await harness.settle()
            let ann = try await harness.person("ann")
            #expect(try await harness.runs(journey).map(\.profileID) == [ann])
            let replies = try await harness.platform.store.read { try MessageReplies.list(of: [ann], limit: 9, $0) }
            #expect(replies.map(\.text) == ["please HELP me"])
            await #expect(throws: MessageError.nobody) {
                _ = try await harness.platform.store.write {
                    try MessageReplies.receive(
                        MessageReply.Incoming(key: "9", channel: "inbox", text: "x", at: now), effects, $0)
                }
            }
        }
    }

    @Test(
        "an experiment deals people to its variants, records the meeting, and each keeps theirs",
        arguments: StoreKind.allCases)
    func experiment(kind: StoreKind) async throws {
        try await JourneyHarness.with(kind) { harness in
            let effects = harness.platform.effects
            let experiment = try await harness.platform.store.write { connection in
                let made = try Experiments.create(ExposureTests.definition, by: "test", effects, connection)
                return try Experiments.step(made.id, to: .running, by: "test", at: effects.now(), connection)
            }
            let node: JSONValue = [
                "id": "try", "kind": "experiment", "experiment": JSONValue(id: experiment.id),
                "paths": [
                    ["name": "Control", "variant": "control", "steps": []],
                    ["name": "Free", "variant": "free", "steps": [["id": "g", "kind": "goal"]]],
                ], "otherwise": [],
            ]
            let journey = try await harness.live(JourneyHarness.definition([node]))
            for user in 0..<12 { try await harness.send("Signed Up", "u\(user)") }
            try await harness.settle()
            for user in 0..<12 {
                let run = try await harness.run(journey, of: "u\(user)")
                let wanted = experiment.variant(of: run.profileID).key == "free" ? "Free" : "Control"
                #expect(try await harness.visits(run).first?.path == wanted)
            }
            let counts = try await harness.platform.store.read { try Exposures.counts(experiment.id, $0) }
            #expect(counts.values.reduce(0, +) == 12)
            let world = try await harness.platform.store.read { try JourneyWorld.load($0) }
            var broken = node.objectValue ?? [:]
            broken["paths"] = [["name": "X", "variant": "nothing", "steps": []]]
            let wrong = try JourneyDefinition(json: JourneyHarness.definition([.object(broken)])).issues(world)
            #expect(wrong.contains { $0.path.contains("variant") })
        }
    }
}
