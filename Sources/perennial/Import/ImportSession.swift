import ArgumentParser
import Engine
import Foundation

/// One run of `perennial import`, from the look at the file to the last event processed.
struct ImportSession {
    let command: Import
    let platform: Platform
    /// No server is running: this process applies the events to people and archives them.
    let processesItself: Bool

    func run() async throws {
        let plan = try await makePlan()
        ImportReport.describe(plan)
        guard !command.dryRun else { return }
        guard let resolved = plan.resolved else {
            throw CommandFailure(
                plan.problems.map(\.message).joined(separator: "\n"),
                remedy: "Name the columns with --map, or the format with --date-format; --dry-run shows the result.")
        }
        guard try confirmed(plan) else { return }
        let record = try await register(resolved)
        let progress = try await store(record)
        ImportReport.conclude(progress, errorsPath: record.errorsPath)
        if progress.refused == 0, command.errors == nil, FileManager.default.fileExists(atPath: record.errorsPath) {
            // Nobody asked for this file, and it holds nothing but its header.
            try FileManager.default.removeItem(atPath: record.errorsPath)
        }
        if processesItself { try await process() } else { print("The running server applies the events to people.") }
    }

    private func makePlan() async throws -> ImportPlan {
        let (workspace, loyalty, tags) = try await platform.store.read {
            (try Workspace.load($0), try ImportLoyalty.load($0), try TagTree.load($0))
        }
        let now = platform.effects.now()
        return try readable {
            var options = try command.importOptions(workspace, tags)
            options.loyalty = loyalty
            return try ImportPlanner.plan(path: command.file, options: options, now: now)
        }
    }

    /// A guessed mapping is confirmed by a person, or by --yes.
    private func confirmed(_ plan: ImportPlan) throws -> Bool {
        if command.yes || command.map != nil { return true }
        guard isatty(STDIN_FILENO) == 1 else {
            throw CommandFailure(
                "The columns were recognised by their names and nobody is there to confirm them.",
                remedy: "Add --yes to accept the mapping above, or give your own with --map.")
        }
        print("Import with this mapping? [y/N] ", terminator: "")
        return ["y", "yes", "是"].contains((readLine() ?? "").lowercased())
    }

    /// Finds the import that a killed run of the same command left behind, or begins one.
    private func register(_ plan: ResolvedImport) async throws -> ImportRecord {
        let path = URL(fileURLWithPath: command.file).standardizedFileURL.path
        let errors = command.errors ?? path + ".errors.csv"
        let platform = platform
        let sourceName = command.source
        let fingerprint = try readable { try FileFingerprint.of(path) }
        let options = ImportOptions(kind: plan.kind, mapping: plan.mapping, timeZone: plan.timeZone)
        let (record, isResumed) = try await platform.store.write { connection in
            if let left = try Imports.unfinished(fingerprint: fingerprint.text, plan: plan, connection) {
                return (left, true)
            }
            let new = try Imports.register(
                path: path, name: URL(fileURLWithPath: path).lastPathComponent, isUpload: false, options: options,
                errorsPath: errors, connection, platform.effects)
            _ = try Imports.decide(
                new.id, plan: plan, sourceName: sourceName, by: "command line", connection, platform.effects)
            return (try Imports.begin(new.id, connection, at: platform.effects.now()), false)
        }
        if isResumed { print("Going on with import \(record.id) after row \(record.progress.rows).") }
        return record
    }

    private func store(_ record: ImportRecord) async throws -> ImportProgress {
        let platform = platform
        let ingest = Ingest(platform: platform, signal: LogSignal())
        let bar = ProgressBar()
        let id = record.id
        do {
            let run = try ImportJob.importRun(record, platform, ingest)
            let progress = try await run.run(from: record.progress) { progress in
                try await platform.store.write { try Imports.note(progress, of: id, $0, at: platform.effects.now()) }
                bar.show(fraction: progress.fraction, ImportReport.line(progress))
            }
            bar.finish(ImportReport.line(progress))
            try await platform.store.write {
                try Imports.finish(id, as: .done, error: nil, $0, at: platform.effects.now())
            }
            return progress
        } catch let error as ImportError {
            bar.finish("stopped")
            try await platform.store.write {
                try Imports.finish(id, as: .failed, error: error, $0, at: platform.effects.now())
            }
            throw CommandFailure(error.description, remedy: "What was read before is stored; mend the file and repeat.")
        }
    }

    private func process() async throws {
        try await LogCatchUp(platform: platform).run()
        try await ModelLearning(platform: platform).run()
    }

    /// Turns the room's errors into what a terminal shows.
    private func readable<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as ImportError {
            throw CommandFailure(error.description, remedy: "See perennial import --help.")
        }
    }
}
