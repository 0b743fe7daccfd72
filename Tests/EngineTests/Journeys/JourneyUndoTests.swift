import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Taking a publishing back", .serialized)
struct JourneyUndoTests {
    private static func wait(_ id: String, _ days: Int64) -> JSONValue {
        ["id": .string(id), "kind": "wait", "amount": .integer(days), "unit": "days"]
    }

    private static func publish(
        _ harness: JourneyHarness, _ journey: Journey, _ steps: [JSONValue], _ transfer: JourneyTransfer
    ) async throws {
        let (effects, text) = (harness.platform.effects, JourneyHarness.definition(steps).text())
        _ = try await harness.platform.store.write {
            try Journeys.update(journey.id, JourneyDraft(name: "Test", definition: text), by: "t", effects: effects, $0)
        }
        try await harness.publish(journey.id, transfer)
    }

    private static func undo(
        _ harness: JourneyHarness, _ journey: Journey
    ) async throws -> JourneyPublication.Undone {
        let effects = harness.platform.effects
        return try await harness.platform.store.write {
            try Journeys.undoPublishing(journey.id, by: "t", effects: effects, $0).undone
        }
    }

    @Test(
        "people who were moved stand where they stood, with what was left of their wait", arguments: StoreKind.allCases)
    func moved(kind: StoreKind) async throws {
        try await JourneyHarness.with(kind) { harness in
            let journey = try await harness.live(JourneyHarness.definition([Self.wait("a", 3)]))
            await #expect(throws: JourneyError.nothingToUndo) { _ = try await Self.undo(harness, journey) }
            for user in ["ann", "bob"] { try await harness.send("Signed Up", user) }
            try await harness.settle()
            let before = try await harness.runs(journey)
            harness.clock.advance(milliseconds: 3_600_000)
            try await Self.publish(harness, journey, [Self.wait("b", 9)], .move(nodes: ["a": "b"]))
            try await harness.settle()
            #expect(try await harness.runs(journey).map(\.node) == ["b", "b"])
            // Somebody who came in since stays on the version that is taken back.
            try await harness.send("Signed Up", "cid")
            try await harness.settle()
            harness.clock.advance(milliseconds: 3_600_000)
            let undone = try await Self.undo(harness, journey)
            #expect(undone == JourneyPublication.Undone(restored: 2, remaining: 1))
            try await harness.settle()
            let after = try await harness.runs(journey).prefix(2)
            #expect(after.map(\.node) == ["a", "a"] && after.map(\.due) == before.map(\.due))
            #expect(after.map(\.versionID) == before.map(\.versionID))
            await #expect(throws: JourneyError.nothingToUndo) { _ = try await Self.undo(harness, journey) }
            // What was taken back waits as a draft.
            let draft = try await harness.platform.store.read { try Journeys.draft(journey.id, $0) }
            #expect(draft?.definition.contains("\"b\"") ?? false)
            harness.clock.advance(milliseconds: 3 * JourneyHarness.day)
            try await harness.settle()
            #expect(try await harness.runs(journey).prefix(2).allSatisfy { $0.ending == .finished })
        }
    }

    @Test("people who were let go come back; a day later it is too late", arguments: StoreKind.allCases)
    func left(kind: StoreKind) async throws {
        try await JourneyHarness.with(kind) { harness in
            let journey = try await harness.live(JourneyHarness.definition([Self.wait("a", 3)]))
            try await harness.send("Signed Up", "ann")
            try await harness.settle()
            try await Self.publish(harness, journey, [Self.wait("b", 9)], .exit)
            try await harness.settle()
            #expect(try await harness.runs(journey).map(\.ending) == [.republished])
            #expect(try await Self.undo(harness, journey).restored == 1)
            try await harness.settle()
            let run = try await harness.run(journey, of: "ann")
            #expect(run.status == .active && run.node == "a" && run.ending == nil)
            try await harness.publish(journey.id)
            harness.clock.advance(milliseconds: JourneyPublication.undoHours * 3_600_000)
            await #expect(throws: JourneyError.tooLateToUndo(hours: JourneyPublication.undoHours)) {
                _ = try await Self.undo(harness, journey)
            }
        }
    }

    @Test("a goal that is a condition ends the way as soon as it is so", arguments: StoreKind.allCases)
    func goals(kind: StoreKind) async throws {
        try await JourneyHarness.with(kind) { harness in
            let more: [String: JSONValue] = [
                "goal": ["where": ["kind": "trait", "name": "plan", "is": "equals", "values": ["gold"]]]
            ]
            // The trait has to be known before anybody can ask for it.
            try await harness.send("identify", "zoe", traits: #"{"plan":"none"}"#)
            try await harness.settle()
            let journey = try await harness.live(JourneyHarness.definition([Self.wait("w", 30)], more: more))
            for user in ["ann", "bob"] { try await harness.send("Signed Up", user) }
            try await harness.settle()
            try await harness.send("identify", "ann", traits: #"{"plan":"gold"}"#)
            try await harness.settle()
            let run = try await harness.run(journey, of: "ann")
            #expect(run.ending == .goal && run.goalAt != nil)
            #expect(try await harness.run(journey, of: "bob").status == .active)
            let figures = try await harness.platform.store.read { try JourneyFigures.load(journey.id, $0) }
            #expect(figures.goals == 1 && figures.nodes["w"]?["converted"] == 1)
        }
    }
}
