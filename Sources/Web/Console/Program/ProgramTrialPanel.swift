import Engine
import Storage

/// What a version would have come to on the brand's own history.
struct ProgramTrialModel: PageModel {
    struct Row: Encodable, Sendable {
        var name: String
        var before: String
        var after: String
        var change: String
    }

    struct Person: Encodable, Sendable {
        var href: String
        var name: String
        var change: String
        var detail: String
    }

    struct Report: Encodable, Sendable {
        var lead: String
        var change: String
        var error: String?
        var rows: [Row]
        /// Members by tier; empty where there are none.
        var tiers: [Row]
        var hasTiers: Bool
        var moved: String?
        var compares: Bool
        var affected: String
        var people: [Person]
        var hasPeople: Bool
        var note: String?
        var hash: String
    }

    struct Running: Encodable, Sendable {
        var id: String
        var text: String
        var share: Int
    }

    var version: String
    var running: Running?
    var report: Report?
    var stale: String?
    var mayStart: Bool
    var from: String
}

enum ProgramTrialPanel {
    private static let daysBack: Int64 = 365

    static func show(_ request: PageRequest) async throws -> Reply {
        let (id, now) = (try request.id("version"), request.now)
        let (version, trial, job, people, lapsed, calendar, world) = try await ProgramVersionPage.found {
            try await request.platform.store.read { connection in
                let version = try ProgramVersions.get(id, connection)
                let trial = try ProgramTrials.list(id, connection).first
                let job = try trial.flatMap { trial in
                    trial.status == .running ? try JobQueue.get(connection, id: trial.jobID) : nil
                }
                let top = (trial?.result?.top ?? []).compactMap { Int64($0.profileID) }
                let lapsed = try reason(version, trial, connection)
                return (
                    version, trial, job, try PeopleByID.load(top, connection), lapsed,
                    try Workspace.load(connection).calendar, try CriteriaWorld.names(connection)
                )
            }
        }
        let isLiving = job.map { [.waiting, .running, .cancelling].contains($0.status) } ?? false
        let model = ProgramTrialModel(
            version: String(id),
            running: trial.flatMap { trial in
                guard isLiving, let job else { return nil }
                let total = max(job.progress.total ?? 0, 1)
                return ProgramTrialModel.Running(
                    id: String(trial.id),
                    text: request.text("program.trial_running", ["done": request.wording.number(job.progress.done)]),
                    share: Int(min(job.progress.done * 100 / total, 100)))
            }, report: trial.flatMap { $0.result == nil ? nil : report($0, people, world, request) },
            stale: isLiving ? nil : lapsed.map { request.text($0) },
            mayStart: !isLiving && version.status != .retired && request.user.role.may(.manageLoyalty),
            from: LocalCalendar.text(ofDay: calendar.day(of: now) - daysBack))
        return .panel(template: "program/trial", model: model)
    }

    /// Why an approval could not be of the newest trial.
    private static func reason(
        _ version: ProgramVersion, _ trial: ProgramTrial?, _ connection: any SQLConnection
    ) throws -> String? {
        if trial?.status == .cancelled { return "program.trial_cancelled" }
        // What an approved version lacks stands above it.
        guard [.draft, .review].contains(version.status) else { return nil }
        do {
            _ = try ProgramTrials.valid(version, connection)
            return nil
        } catch ProgramError.trialMissing { return "program.trial_missing" } catch ProgramError.trialLapsed {
            return "program.trial_lapsed"
        }
    }

    static func start(_ request: PageRequest) async throws -> Reply {
        let (id, effects, actor) = (try request.id("version"), request.platform.effects, request.actor)
        let (from, oneIn) = (LocalCalendar.day(fromText: request.form.text("from")), request.form.int("one_in") ?? 1)
        do {
            try await request.platform.store.write { connection in
                let calendar = try Workspace.load(connection).calendar
                _ = try ProgramTrials.start(
                    id, fromDay: from ?? calendar.day(of: effects.now()) - daysBack, oneIn: oneIn, by: actor,
                    effects: effects, connection)
            }
        } catch let error as ProgramError {
            return try await ProgramVersionPage.answer(
                request, problem: try ProgramVersionPage.told(error, request))
        }
        return .redirect(to: "/program/versions/\(id)", notice: "program.trial_started")
    }

    static func cancel(_ request: PageRequest) async throws -> Reply {
        let (id, trial, now) = (try request.id("version"), try request.id("trial"), request.now)
        try await ProgramVersionPage.found {
            try await request.platform.store.write { connection in
                let trial = try ProgramTrials.get(trial, connection)
                try JobQueue.cancel(connection, id: trial.jobID, at: now)
            }
        }
        return .redirect(to: "/program/versions/\(id)", notice: "program.trial_stopped")
    }

    private static func tiers(
        _ result: ProgramTrialResult, _ world: CriteriaWorld, _ wording: Wording
    ) -> [ProgramTrialModel.Row] {
        guard let tiers = result.tiers else { return [] }
        let codes = Set(tiers.before.members.keys).union(tiers.after.members.keys)
        let sorted = codes.sorted {
            (world.tierOrder.firstIndex(of: $0) ?? .max, $0) < (world.tierOrder.firstIndex(of: $1) ?? .max, $1)
        }
        return sorted.map { code in
            let (old, new) = (tiers.before.members[code] ?? 0, tiers.after.members[code] ?? 0)
            return ProgramTrialModel.Row(
                name: world.tiers[code]?[wording.language] ?? code, before: wording.number(old),
                after: wording.number(new), change: (new > old ? "+" : "") + wording.number(new - old))
        }
    }

    private static func report(
        _ trial: ProgramTrial, _ people: [Profile], _ world: CriteriaWorld, _ request: PageRequest
    ) -> ProgramTrialModel.Report? {
        guard let result = trial.result else { return nil }
        let wording = request.wording
        func signed(_ value: Int64) -> String { (value > 0 ? "+" : "") + wording.number(value) }
        let (before, after) = (result.before[result.currency], result.after[result.currency])
        let figures: [(String, KeyPath<ProgramReplay.Figures, Int64>)] = [
            ("issued", \.issued), ("taken_back", \.takenBack), ("redeemed", \.redeemed), ("expired", \.expired),
            ("outstanding", \.outstanding),
        ]
        let names = Dictionary(people.map { ($0.id, PersonName($0, wording).text) }) { first, _ in first }
        let currency = CriteriaPhrases(CriteriaLanguage(wording.language), world).currency(result.currency)
        return ProgramTrialModel.Report(
            lead: request.text(
                "program.trial_lead",
                [
                    "people": wording.number(result.replayed), "orders": wording.number(result.orders),
                    "from": wording.date(ofDay: LocalCalendar.text(ofDay: trial.fromDay)),
                    "to": wording.dateTime(Timestamp(milliseconds: trial.startedMS)),
                ]),
            change: "\(signed(result.change)) \(currency)",
            error: trial.oneIn > 1
                ? request.text("program.trial_error", ["error": wording.number(result.changeError)]) : nil,
            rows: figures.map { name, path in
                let (old, new) = (before?[keyPath: path] ?? 0, after?[keyPath: path] ?? 0)
                return ProgramTrialModel.Row(
                    name: request.text("program.trial_\(name)"), before: wording.number(old),
                    after: wording.number(new), change: signed(new - old))
            }, tiers: tiers(result, world, wording), hasTiers: result.tiers != nil,
            moved: result.tiers.map { tiers in
                let moved = tiers.moves.reduce(0) { $0 + $1.members }
                return request.text("program.trial_moved", count: moved)
            }, compares: trial.compared > 0,
            affected: request.text(
                "program.trial_affected",
                ["more": wording.number(result.more), "less": wording.number(result.less)]),
            people: result.top.prefix(10).map { one in
                ProgramTrialModel.Person(
                    href: "/people/\(one.profileID)", name: names[Int64(one.profileID) ?? 0] ?? one.profileID,
                    change: signed(one.change), detail: "\(wording.number(one.before)) → \(wording.number(one.after))")
            }, hasPeople: !result.top.isEmpty,
            note: result.hasEvents ? nil : request.text("program.trial_no_events"),
            hash: String((trial.hash ?? "").prefix(16)))
    }
}
