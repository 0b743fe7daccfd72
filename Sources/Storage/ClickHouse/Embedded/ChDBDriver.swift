import CADBC
import Foundation
import Synchronization

/// The embedded engine's library, loaded at most once a process and never unloaded.
///
/// `@unchecked Sendable`: the table is written while loading and only read afterwards, and its functions may be called
/// from any thread as long as one connection is used by one thread at a time.
struct ChDBDriver: @unchecked Sendable {
    let table: UnsafeMutablePointer<AdbcDriver>

    private static let loaded = Mutex<ChDBDriver?>(nil)
    private static let messageBytes = 1024

    /// The driver from a library folder (holding `chdb/_chdb.abi3.so`).
    /// Throws: `StorageError.unavailable` naming what is missing.
    static func load(from folder: String) throws -> ChDBDriver {
        try loaded.withLock { loaded in
            if let loaded { return loaded }
            let library = folder + "/chdb/_chdb.abi3.so"
            guard FileManager.default.fileExists(atPath: library) else {
                throw StorageError.unavailable(
                    message: "the embedded analytics engine is missing: \(library) (fetch it, or set PERENNIAL_CACHE)")
            }
            try openPython()
            let table = UnsafeMutablePointer<AdbcDriver>.allocate(capacity: 1)
            var message = [CChar](repeating: 0, count: messageBytes)
            guard cadbc_open_driver(library, table, &message, message.count) == 0 else {
                table.deallocate()
                throw StorageError.unavailable(message: "cannot load \(library): \(text(message))")
            }
            let driver = ChDBDriver(table: table)
            loaded = driver
            return driver
        }
    }

    /// Where the library is kept unless an address says otherwise.
    static func defaultFolder(environment: [String: String]) -> String {
        let cache = environment["PERENNIAL_CACHE"] ?? (environment["HOME"] ?? "") + "/.cache/perennial"
        return cache + "/chdb-core-26.9.0"
    }

    /// The library leaves Python's symbols to its host. No interpreter is started.
    private static func openPython() throws {
        var reasons: [String] = []
        let minors = [11] + Array((9...14).reversed()).filter { $0 != 11 }
        for minor in minors {
            var message = [CChar](repeating: 0, count: messageBytes)
            if cadbc_open_global("libpython3.\(minor).so.1.0", &message, message.count) != nil { return }
            reasons.append(text(message))
        }
        throw StorageError.unavailable(
            message: "the embedded analytics engine needs libpython3 (Debian: libpython3.11): \(reasons[0])")
    }

    private static func text(_ message: [CChar]) -> String {
        String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
