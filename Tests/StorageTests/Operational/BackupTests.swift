import Engine
import Foundation
import TestSupport
import Testing

@testable import Storage

@Suite("Backup and restore")
struct BackupTests {
    struct Journey: Sendable, CustomStringConvertible {
        var from: StoreKind
        var to: StoreKind

        var description: String { "\(from) to \(to)" }

        static let all = StoreKind.allCases.flatMap { from in
            StoreKind.allCases.map { Journey(from: from, to: $0) }
        }
    }

    private let special = [
        "", "常青 🍵", "line\nbreak\ttab", "\"quoted\" \\ back", "\u{1}\u{1F}\u{7F}", "null", "[1,2]",
    ]

    private func fill(_ store: any OperationalStore) async throws {
        try await store.migrate([Things.migration])
        let special = special
        try await store.write { connection in
            try connection.executeMany(Things.insert, Things.rows(0..<2_500))
            try connection.executeMany(
                Things.insert,
                special.map { [.integer(.min), .real(1e-300), .text($0), .blob(Array($0.utf8))] })
            try connection.execute("INSERT INTO counters VALUES ('only', \(Int64.max))")
            // The highest number must not come again although its row is gone.
            try connection.execute("DELETE FROM things WHERE id > 2506")
        }
    }

    private func contents(_ store: any OperationalStore) async throws -> [String: [[SQLValue]]] {
        try await store.read { connection in
            var tables: [String: [[SQLValue]]] = [:]
            for table in try StoreTables.names(on: connection) where table != MigrationTable.name {
                let columns = try StoreTables.columns(of: table, on: connection).joined(separator: ", ")
                tables[table] = try connection.query(
                    "SELECT \(raw: columns) FROM \(raw: table) ORDER BY \(raw: columns)"
                ).map(\.values)
            }
            return tables
        }
    }

    @Test("every table comes back the same, in the same kind of store and in the other", arguments: Journey.all)
    func everyTable(journey: Journey) async throws {
        let folder = try TestFolder.make("backup")
        try await TestDatabase.with(journey.from, migrated: false) { source in
            try await fill(source)
            try await source.backup(to: folder)
            let wanted = try await contents(source)
            #expect(wanted["things"]?.count == 2_506)
            try await TestDatabase.with(journey.to, migrated: false) { target in
                try await target.restore(from: folder)
                #expect(try await contents(target) == wanted)
                let next = try await target.write { connection in
                    try connection.query("INSERT INTO things (whole) VALUES (1) RETURNING id")[0].int(0)
                }
                #expect(next == 2_508)
                // The schema came along, so the next version of the program goes on from there.
                #expect(try await target.migrate([Things.migration]) == [])
            }
        }
    }

    @Test("the program's whole schema goes into a migrated, empty store", arguments: Journey.all)
    func wholeSchema(journey: Journey) async throws {
        let folder = try TestFolder.make("backup")
        try await TestDatabase.with(journey.from) { source in
            try await source.write { connection in
                _ = try connection.execute("INSERT INTO settings (name, value, updated_ms) VALUES ('a', '{}', 1)")
            }
            try await source.backup(to: folder)
            let wanted = try await contents(source)
            try await TestDatabase.with(journey.to) { target in
                try await target.restore(from: folder)
                #expect(try await contents(target) == wanted)
            }
        }
    }

    @Test(
        "a store with rows or another schema, a used folder and an unfinished backup are refused",
        arguments: StoreKind.allCases)
    func refusals(kind: StoreKind) async throws {
        let folder = try TestFolder.make("backup")
        try await TestDatabase.with(kind, migrated: false) { store in
            try await fill(store)
            try await store.backup(to: folder)
            await #expect(throws: BackupError.folderNotEmpty(folder)) { try await store.backup(to: folder) }
            await #expect(throws: BackupError.storeNotEmpty(table: "counters")) {
                try await store.restore(from: folder)
            }
            await #expect(throws: BackupError.noBackup(folder: "\(folder)/missing")) {
                try await store.restore(from: "\(folder)/missing")
            }
        }
        try await TestDatabase.with(kind, migrated: false) { store in
            let other = Migration(version: 3, name: "other", statements: "CREATE TABLE other (id {id});")
            try await store.migrate([other])
            await #expect(throws: BackupError.schemaDiffers(stored: [3], inBackup: [1])) {
                try await store.restore(from: folder)
            }
        }
    }

    @Test("a damaged backup is refused as a whole", arguments: StoreKind.allCases)
    func damaged(kind: StoreKind) async throws {
        let folder = try TestFolder.make("backup")
        try await TestDatabase.with(kind, migrated: false) { store in
            try await fill(store)
            try await store.backup(to: folder)
        }
        let file = "\(folder)/things.ndjson"
        let whole = try String(contentsOfFile: file, encoding: .utf8)
        let damages = [
            String(whole.dropLast(10)), whole + "[1]\n",
            whole.replacingOccurrences(of: "茶 77\"", with: "茶 78x\""),
        ]
        for damage in damages {
            try damage.write(toFile: file, atomically: true, encoding: .utf8)
            try await TestDatabase.with(kind, migrated: false) { store in
                do {
                    try await store.restore(from: folder)
                    Issue.record("a damaged backup was restored")
                } catch let error as BackupError {
                    #expect(error.description.contains("things.ndjson"))
                }
                #expect(try await contents(store).isEmpty)
            }
        }
    }

    @Test(
        "a line of a backup reads back exactly",
        arguments: [
            [SQLValue.null], [], [.integer(.min), .integer(.max)],
            [.real(1), .real(0.1), .real(-1e300), .real(.leastNonzeroMagnitude)],
            [.real(.infinity)], [.text("[\"a\\\u{0}\n"), .blob([]), .blob([0, 127, 255])],
        ])
    func line(values: [SQLValue]) throws {
        var bytes: [UInt8] = []
        BackupLine.append(SQLRow(values), to: &bytes)
        #expect(bytes.last == UInt8(ascii: "\n"))
        #expect(BackupLine.parse(bytes.dropLast()) == values)
    }
}
