import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Saved views")
struct SavedViewsTests {
    @Test("the second of two who change a view is told what the first made of it", arguments: StoreKind.allCases)
    func conflict(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let platform = Platform.testing(store)
            let (effects, now) = (platform.effects, platform.effects.now())
            let view = try await store.write {
                try SavedViews.create(
                    .people, name: " Slipping ", query: "stage=decline", isShared: true, by: 1, $0, effects)
            }
            #expect(view.name == "Slipping" && view.version == 1)
            let mine = try await store.write {
                try SavedViews.update(
                    view.id, version: 1, name: "Gone", query: "stage=churn", isShared: true, by: 2, $0, at: now)
            }
            await #expect(throws: ViewError.changed(mine)) {
                try await store.write {
                    try SavedViews.update(
                        view.id, version: 1, name: "Late", query: "", isShared: true, by: 1, $0, at: now)
                }
            }
            await #expect(throws: ViewError.changed(mine)) {
                try await store.write { try SavedViews.remove(view.id, version: 1, by: 1, $0) }
            }
            #expect(try await store.read { try SavedViews.get(view.id, for: 1, $0) } == mine)
            try await store.write { try SavedViews.remove(view.id, version: 2, by: 1, $0) }
            #expect(try await store.read { try SavedViews.list(.people, for: 1, $0) } == [])
        }
    }

    @Test("one's own view is nobody else's to see or to change", arguments: StoreKind.allCases)
    func privacy(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let platform = Platform.testing(store)
            let (effects, now) = (platform.effects, platform.effects.now())
            let view = try await store.write {
                try SavedViews.create(.orders, name: "Mine", query: "", isShared: false, by: 1, $0, effects)
            }
            #expect(try await store.read { try SavedViews.list(.orders, for: 2, $0) } == [])
            await #expect(throws: ViewError.notFound(id: view.id)) {
                try await store.write {
                    try SavedViews.update(
                        view.id, version: 1, name: "Yours", query: "", isShared: true, by: 2, $0, at: now)
                }
            }
            await #expect(throws: ViewError.badName) {
                try await store.write {
                    try SavedViews.create(.orders, name: "  ", query: "", isShared: false, by: 1, $0, effects)
                }
            }
        }
    }

    @Test("columns are kept for each person, and an empty choice goes back", arguments: StoreKind.allCases)
    func columns(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            try await store.write { connection in
                try ListColumns.save(["stage", "spend"], "people", of: 1, connection)
                try ListColumns.save(["spend"], "people", of: 1, connection)
                try ListColumns.save(["stage"], "people", of: 2, connection)
                #expect(try ListColumns.load("people", of: 1, connection) == ["spend"])
                try ListColumns.save([], "people", of: 1, connection)
                #expect(try ListColumns.load("people", of: 1, connection) == nil)
                #expect(try ListColumns.load("people", of: 2, connection) == ["stage"])
            }
        }
    }
}
