import Foundation
import Storage

/// The files that imports leave behind: the uploaded copy and the file of refused rows.
enum ImportedFiles {
    private static let chunkBytes = 1 << 20
    private static let pauseSeconds = 5
    private static let pausesMax = 120

    /// Deletes every file of imports that holds a value of an erased person; a file that is somebody's own, named at the
    /// command line, is theirs to mend. Waits for imports that run.
    static func forget(_ context: JobContext, _ sought: SoughtValues, before time: Timestamp) async throws -> Int {
        var deleted = 0
        for record in try await records(context, before: time) {
            try await finish(of: record.id, context)
            let files = (record.isUpload ? [record.filePath] : []) + [record.errorsPath]
            for path in files where FileManager.default.fileExists(atPath: path) {
                guard try contains(sought, path) else { continue }
                try FileManager.default.removeItem(atPath: path)
                deleted += 1
            }
            try Task.checkCancellation()
        }
        return deleted
    }

    static func records(_ context: JobContext, before time: Timestamp) async throws -> [ImportRecord] {
        var all: [ImportRecord] = []
        var before = Int64.max
        while true {
            let place = before
            let page = try await context.platform.store.read { try Imports.list($0, before: place, limit: 200) }
            all += page.filter { $0.createdAt <= time }
            guard let last = page.last else { return all }
            before = last.id
        }
    }

    /// An import that runs keeps its file open; its rows about the person are stopped by their tombstones.
    private static func finish(of id: Int64, _ context: JobContext) async throws {
        for _ in 0..<pausesMax {
            let record = try await context.platform.store.read { try Imports.get(id, $0) }
            guard record.status == .running || record.status == .waiting else { return }
            try await Task.sleep(for: .seconds(pauseSeconds))
        }
        throw ImportError.wrongStatus(status: ImportStatus.running.rawValue, wanted: ImportStatus.done.rawValue)
    }

    /// Looks through a file, compressed or not; bytes of 0 are passed over, so that UTF-16 is found too.
    static func contains(_ sought: SoughtValues, _ path: String) throws -> Bool {
        let isCompressed = try FileHandle(forReadingFrom: URL(fileURLWithPath: path)).firstBytes(2) == [0x1F, 0x8B]
        let file = try RawFile(path: path)
        let gunzip = isCompressed ? try Gunzip(file: file) : nil
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: chunkBytes)
        defer { buffer.deallocate() }
        var tail: [UInt8] = []
        while true {
            let count = try gunzip?.read(into: buffer) ?? file.read(into: buffer)
            guard count > 0 else { return false }
            let bytes = tail + buffer[..<count].filter { $0 != 0 }
            if sought.isOwn(in: bytes) { return true }
            tail = Array(bytes.suffix(sought.longestBytes))
        }
    }
}

extension FileHandle {
    fileprivate func firstBytes(_ count: Int) throws -> [UInt8] {
        defer { closeFile() }
        return try read(upToCount: count).map(Array.init) ?? []
    }
}
