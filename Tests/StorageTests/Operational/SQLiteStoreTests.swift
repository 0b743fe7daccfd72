import Foundation
import Storage
import TestSupport
import Testing

@Suite("SQLite store")
struct SQLiteStoreTests {
    @Test("every commit is forced to the disk")
    func durability() async throws {
        try await TestDatabase.with(.sqlite) { store in
            let settings = try await store.write { connection in
                [
                    try connection.query("PRAGMA synchronous")[0].values,
                    try connection.query("PRAGMA journal_mode")[0].values,
                ]
            }
            #expect(settings == [[.integer(2)], [.text("wal")]])
        }
    }

    @Test("a new file can be read by its owner alone")
    func permissions() async throws {
        try await TestDatabase.withDatabase(.sqlite, migrated: false) { database in
            try await database.store.migrate([Things.migration])
            for file in ["", "-wal"] {
                let path = database.url.dropFirst("sqlite://".count) + file
                let attributes = try FileManager.default.attributesOfItem(atPath: String(path))
                #expect(attributes[.posixPermissions] as? Int == 0o600)
            }
        }
    }

    @Test("a full disk is reported, nothing is kept of the transaction, and room lets work go on")
    func full() async throws {
        try await TestDatabase.with(.sqlite, migrated: false) { store in
            try await store.migrate([Things.migration])
            let pages = try await store.write { try $0.query("PRAGMA page_count")[0].int(0) }
            try await store.write { _ = try $0.query("PRAGMA max_page_count = \(raw: String(pages + 5))") }
            do {
                try await store.write { _ = try $0.executeMany(Things.insert, Things.rows(0..<5_000)) }
                Issue.record("more was written than there is room for")
            } catch StorageError.cannotWrite(let message) {
                #expect(message.contains("full"))
            }
            #expect(try await store.read { try Things.count($0) } == 0)
            try await store.write { _ = try $0.query("PRAGMA max_page_count = 1000000") }
            try await store.write { _ = try $0.executeMany(Things.insert, Things.rows(0..<5_000)) }
            #expect(try await store.read { try Things.count($0) } == 5_000)
        }
    }

    @Test("a damaged file is reported as unavailable")
    func damaged() async throws {
        let folder = try TestFolder.make("damaged")
        let url = "sqlite://\(folder)/store.db"
        let store = try await openOperationalStore(url)
        try await store.migrate([Things.migration])
        try await store.write { _ = try $0.executeMany(Things.insert, Things.rows(0..<5_000)) }
        await store.close()

        let file = try #require(FileHandle(forUpdatingAtPath: "\(folder)/store.db"))
        let size = try file.seekToEnd()
        for page in stride(from: UInt64(8_192), to: size, by: 4_096) {
            try file.seek(toOffset: page)
            try file.write(contentsOf: [UInt8](repeating: 0xA5, count: 1_000))
        }
        try file.close()

        do {
            let damaged = try await openOperationalStore(url)
            _ = try await damaged.read { try $0.query("SELECT SUM(whole), MAX(words) FROM things") }
            Issue.record("a damaged file answered")
        } catch StorageError.unavailable(let message) {
            #expect(message.contains("malformed") || message.contains("not a database"))
        }
    }
}
