import Foundation
import TestSupport

@testable import Engine

/// Files for import tests, and a log that only remembers.
enum ImportFixtures {
    /// Writes a file into a folder of its own.
    static func file(_ bytes: [UInt8], named name: String = "import.csv") throws -> String {
        let path = try TestFolder.make("import") + "/" + name
        guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else {
            throw ImportError.cannotWrite(path: path, reason: "no fixture")
        }
        return path
    }

    static func file(_ text: String, named name: String = "import.csv") throws -> String {
        try file(Array(text.utf8), named: name)
    }

    static func plan(_ text: String, _ options: ImportOptions) throws -> ImportPlan {
        try ImportPlanner.plan(path: try file(text), options: options, now: now)
    }

    /// Every cell of a CSV text, row by row, and the refusals between them.
    static func rows(
        _ bytes: [UInt8], delimiter: UInt8 = ASCII.comma, encoding: TextEncoding? = .utf8
    ) throws -> (rows: [[String]], refusals: [RowRefusal]) {
        let source = try ImportSource(path: try file(bytes), encoding: encoding)
        let reader = CSVReader(source: source, delimiter: delimiter)
        var rows: [[String]] = []
        var refusals: [RowRefusal] = []
        while true {
            switch try reader.next() {
            case .end: return (rows, refusals)
            case .refused(let refusal): refusals.append(refusal)
            case .record: rows.append((0..<reader.cellCount).map { reader.cell($0).text })
            }
        }
    }

    static func rows(_ text: String) throws -> (rows: [[String]], refusals: [RowRefusal]) {
        try rows(Array(text.utf8))
    }

    /// Runs an import of a file to its end and returns every event.
    static func events(
        path: String, _ options: ImportOptions, errorsPath: String? = nil
    ) async throws -> (events: [IncomingEvent], progress: ImportProgress) {
        let plan = try ImportPlanner.plan(path: path, options: options, now: now)
        guard let resolved = plan.resolved else { throw Unplanned(problems: plan.problems.map(\.code)) }
        let log = RememberedLog()
        let progress = try await run(resolved, path, log, errorsPath: errorsPath).run { _ in }
        return (await log.events, progress)
    }

    static func events(_ text: String, _ options: ImportOptions) async throws -> [IncomingEvent] {
        try await events(path: try file(text), options).events
    }

    static func run(
        _ plan: ResolvedImport, _ path: String, _ log: RememberedLog, errorsPath: String? = nil
    ) -> ImportRun {
        ImportRun(
            plan: plan, path: path, sourceID: 7, startedAt: now, errorsPath: errorsPath, clock: { now },
            append: { try await log.append($0) })
    }

    static let now = Timestamp(seconds: 1_790_000_000)

    struct Unplanned: Error {
        var problems: [String]
    }
}

/// Takes batches and remembers their events; can be told to fail, as a process that dies would.
actor RememberedLog {
    private(set) var events: [IncomingEvent] = []
    private var batches = 0
    private var failingAt: Int?

    struct Killed: Error {}

    init(failingAt: Int? = nil) {
        self.failingAt = failingAt
    }

    func append(_ batch: IncomingBatch) throws {
        batches += 1
        if batches == failingAt { throw Killed() }
        events += batch.events
    }

    /// One event by message id, as the processor keeps them.
    var distinct: [String: IncomingEvent] {
        Dictionary(events.map { ($0.messageID, $0) }, uniquingKeysWith: { first, _ in first })
    }
}
