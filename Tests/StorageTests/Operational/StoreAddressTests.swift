import Foundation
import Storage
import TestSupport
import Testing

@Suite("Store addresses")
struct StoreAddressTests {
    @Test(
        "an address that names no store is refused without repeating a password",
        arguments: [
            "mysql://root:top-secret@localhost/db", "store.db", "", "sqlite:", "sqlite://relative/path.db",
            "sqlite:///folder/", "postgres://reader:top-secret@[::1/db",
            "reader:top-secret@localhost/db",
        ])
    func refused(address: String) async throws {
        do {
            _ = try await openOperationalStore(address)
            Issue.record("\(address) opened a store")
        } catch StorageError.badAddress(let message) {
            #expect(!message.contains("top-secret"))
            #expect(message.contains("postgres://") || message.contains("sqlite:"))
        }
    }

    @Test("a missing folder, a folder in place of a file, and a file of another kind are reported")
    func unusableFiles() async throws {
        let folder = try TestFolder.make("addresses")
        try String(repeating: "This is no database. ", count: 500)
            .write(toFile: "\(folder)/text.db", atomically: true, encoding: .utf8)
        for path in ["\(folder)/missing/store.db", folder, "\(folder)/text.db"] {
            do {
                _ = try await openOperationalStore("sqlite://\(path)")
                Issue.record("\(path) opened as a store")
            } catch StorageError.unavailable(let message) {
                #expect(message.contains(path))
            }
        }
    }
}
