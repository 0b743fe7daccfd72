import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Program versions", .serialized)
struct ProgramVersionTests {
    private static let plain = #"{"enrolment":{"when":"identified","backdated_days":30}}"#

    private static func with(
        _ kind: StoreKind, _ body: (any OperationalStore, Effects) async throws -> Void
    ) async throws {
        try await TestDatabase.with(kind) { store in
            try await body(store, Platform.testing(store, clock: TestClock()).effects)
        }
    }

    @Test(
        "a version is drafted, submitted, approved by somebody else, published, retired", arguments: StoreKind.allCases)
    func life(kind: StoreKind) async throws {
        try await Self.with(kind) { store, effects in
            try await store.write { connection in
                let now = effects.now()
                let cache = ProgramCache()
                #expect(try cache.load(connection) == nil)
                let draft = try ProgramVersions.create(
                    title: " First ", document: Self.plain, by: "user:1", effects: effects, connection)
                #expect(draft.number == 1)
                #expect(draft.title == "First")
                #expect(try LoyaltyProgram(parsing: #"{"tiers":{"a":[1]}}"#).tiers == ["a": [1]])
                #expect(draft.program?.enrolment == EnrolmentPolicy(when: .identified, backdatedDays: 30))
                #expect(throws: ProgramError.status(.draft, verb: .publish)) {
                    try ProgramVersions.publish(draft.id, by: "user:2", at: now, connection)
                }
                _ = try ProgramVersions.submit(draft.id, by: "user:1", at: now, connection)
                #expect(throws: ProgramError.sameActor) {
                    try ProgramVersions.approve(draft.id, by: "user:1", at: now, connection)
                }
                _ = try ProgramVersions.reject(draft.id, by: "user:2", note: "too dear", at: now, connection)
                _ = try ProgramVersions.submit(draft.id, by: "user:1", at: now, connection)
                let trial = try ProgramTrials.start(
                    draft.id, fromDay: 0, by: "user:1", effects: effects, connection)
                try ProgramTrials.conclude(trial.id, .done, ProgramTrialResult(), at: now, connection)
                _ = try ProgramVersions.approve(draft.id, by: "user:2", at: now, connection)
                _ = try ProgramVersions.publish(draft.id, by: "user:1", at: now, connection)
                #expect(try cache.load(connection)?.number == 1)
                let second = try ProgramVersions.install(
                    title: "Second", document: "{}", by: "system", effects: effects, connection)
                #expect(try cache.load(connection)?.number == 2)
                #expect(try ProgramVersions.get(draft.id, connection).status == .retired)
                _ = try ProgramVersions.retire(second.id, by: "user:1", at: now, connection)
                #expect(try cache.load(connection) == nil)
                #expect(
                    try ProgramVersions.steps(of: draft.id, connection).map(\.verb)
                        == [.create, .submit, .reject, .submit, .approve, .publish, .retire])
            }
        }
    }

    @Test("two who edit the same draft are told; only a draft changes", arguments: StoreKind.allCases)
    func edits(kind: StoreKind) async throws {
        try await Self.with(kind) { store, effects in
            try await store.write { connection in
                let now = effects.now()
                let draft = try ProgramVersions.create(
                    title: "A", document: "{}", by: "user:1", effects: effects, connection)
                let seen = try draft.revision
                let changed = try ProgramVersions.update(
                    draft.id, title: "A", document: Self.plain, seen: seen, by: "user:1", at: now, connection)
                #expect(throws: EditConflict(current: try changed.revision)) {
                    try ProgramVersions.update(
                        draft.id, title: "B", document: "{}", seen: seen, by: "user:2", at: now, connection)
                }
                _ = try ProgramVersions.submit(draft.id, by: "user:1", at: now, connection)
                #expect(throws: ProgramError.status(.review, verb: .edit)) {
                    try ProgramVersions.update(
                        draft.id, title: "B", document: "{}", by: "user:2", at: now, connection)
                }
                #expect(throws: ProgramError.self) {
                    try ProgramVersions.create(
                        title: "C", document: #"{"enrolment":{"when":"never"}}"#, by: "user:1", effects: effects,
                        connection)
                }
            }
        }
    }
}
