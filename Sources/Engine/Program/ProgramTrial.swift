import Storage

/// A version of the program tried on what really happened.
package struct ProgramTrial: Sendable, Equatable {
    package enum Status: String, Sendable, CaseIterable {
        case running, done
        /// Its job was stopped, or failed.
        case cancelled
    }

    package var id: Int64
    package var versionID: Int64
    package var jobID: Int64
    package var documentHash: String
    /// The number of the version in force that it was compared with; 0: there was none.
    package var compared: Int64
    package var fromDay: Int64
    package var oneIn: Int64
    /// Where the log ended when it began.
    package var position: Int64
    package var status: Status
    package var startedBy: String
    package var startedMS: Int64
    package var finishedMS: Int64?
    package var result: ProgramTrialResult?
    package var hash: String?

    static let columns = """
        id, version_id, job_id, document_hash, compared, from_day, one_in, position, \
        CASE WHEN status = 'running' AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = program_trials.job_id \
        AND j.status IN ('waiting', 'running', 'cancelling')) THEN 'cancelled' ELSE status END, \
        started_by, started_ms, finished_ms, result, hash
        """

    init(_ row: SQLRow) throws {
        id = try row.int(0)
        versionID = try row.int(1)
        jobID = try row.int(2)
        documentHash = try row.text(3)
        compared = try row.int(4)
        fromDay = try row.int(5)
        oneIn = try row.int(6)
        position = try row.int(7)
        status = Status(rawValue: try row.text(8)) ?? .cancelled
        startedBy = try row.text(9)
        startedMS = try row.int(10)
        finishedMS = try row.intOrNil(11)
        result = try row.textOrNil(12).map { try StoredDocument.value(ProgramTrialResult.self, from: $0) }
        hash = try row.textOrNil(13)
    }

    static func hash(of document: String) -> String { Digest.sha256(Array(document.utf8)) }
}

/// What came of a trial.
package struct ProgramTrialResult: Sendable, Equatable, Codable {
    /// One member who would have got more, or less.
    package struct Difference: Sendable, Equatable, Codable {
        package var profileID: String
        package var before: Int64
        package var after: Int64

        private enum CodingKeys: String, CodingKey {
            case before, after
            case profileID = "profile_id"
        }

        package var change: Int64 { after - before }
    }

    /// What became of tiers.
    package struct Tiers: Sendable, Equatable, Codable {
        package struct Side: Sendable, Equatable, Codable {
            /// Members by tier, in the end.
            package var members: [String: Int64] = [:]
            /// On the way, after the beginning.
            package var rises: Int64 = 0
            package var falls: Int64 = 0
        }

        /// Members whose tier in the end would be another.
        package struct Move: Sendable, Equatable, Codable {
            package var from: String
            package var to: String
            package var members: Int64
        }

        /// With the program in force, and with the version tried.
        package var before = Side()
        package var after = Side()
        package var moves: [Move] = []
    }

    /// People there are, and those of them that were replayed.
    package var people: Int64 = 0
    package var replayed: Int64 = 0
    package var orders: Int64 = 0
    package var events: Int64 = 0
    /// The currency that differences are told in.
    package var currency = "points"
    /// By currency, of the people replayed: with the program in force, and with the version tried.
    package var before: [String: ProgramReplay.Figures] = [:]
    package var after: [String: ProgramReplay.Figures] = [:]
    package var more: Int64 = 0
    package var less: Int64 = 0
    /// What all people together would get more or less, and how far off that may be (95 in 100); exact when nobody was
    /// left out.
    package var change: Int64 = 0
    package var changeError: Int64 = 0
    /// Who differs most.
    package var top: [Difference] = []
    /// Tiers of the people replayed; nil where neither has any, and of trials of before they were replayed.
    package var tiers: Tiers?
    /// Whether the archive of events could be asked; without it rules on events give nothing on either side.
    package var hasEvents = true

    private enum CodingKeys: String, CodingKey {
        case people, replayed, orders, events, currency, before, after, more, less, change, top, tiers
        case changeError = "change_error"
        case hasEvents = "has_events"
    }

    package init() {}

    package static let topMax = 30
}

/// Adds people up.
struct ProgramTrialSum {
    var result = ProgramTrialResult()
    /// Of changes: sum and sum of squares, exact as doubles up to 2^53.
    private var sum = 0.0
    private var squares = 0.0

    mutating func add(_ profileID: Int64, _ before: ProgramReplay.Outcome?, _ after: ProgramReplay.Outcome) {
        addTiers(before, after)
        add(profileID, before?.figures ?? [:], after.figures)
    }

    private var moves: [String: [String: Int64]] = [:]

    private mutating func addTiers(_ before: ProgramReplay.Outcome?, _ after: ProgramReplay.Outcome) {
        guard before?.tier != nil || after.tier != nil else { return }
        var tiers = result.tiers ?? ProgramTrialResult.Tiers()
        func note(_ outcome: ProgramReplay.Outcome?, _ side: inout ProgramTrialResult.Tiers.Side) {
            guard let outcome, let tier = outcome.tier else { return }
            side.members[tier, default: 0] += 1
            side.rises += outcome.rises
            side.falls += outcome.falls
        }
        note(before, &tiers.before)
        note(after, &tiers.after)
        result.tiers = tiers
        if let old = before?.tier, let new = after.tier, old != new { moves[old, default: [:]][new, default: 0] += 1 }
    }

    mutating func add(
        _ profileID: Int64, _ before: [String: ProgramReplay.Figures], _ after: [String: ProgramReplay.Figures]
    ) {
        result.replayed += 1
        for (code, figures) in before { result.before[code, default: ProgramReplay.Figures()] += figures }
        for (code, figures) in after { result.after[code, default: ProgramReplay.Figures()] += figures }
        let (old, new) = (before[result.currency]?.net ?? 0, after[result.currency]?.net ?? 0)
        let change = Double(new - old)
        sum += change
        squares += change * change
        guard old != new else { return }
        if new > old { result.more += 1 } else { result.less += 1 }
        let one = ProgramTrialResult.Difference(profileID: String(profileID), before: old, after: new)
        if result.top.count >= ProgramTrialResult.topMax, let least = result.top.last,
            abs(least.change) >= abs(one.change)
        {
            return
        }
        let place = result.top.firstIndex { abs($0.change) < abs(one.change) } ?? result.top.count
        result.top.insert(one, at: place)
        if result.top.count > ProgramTrialResult.topMax { result.top.removeLast() }
    }

    /// A simple random sample without replacement (Cochran, Sampling Techniques, 2.5): the total is scaled up, its error
    /// is 1.96 standard errors with the finite population correction.
    mutating func conclude(people: Int64) -> ProgramTrialResult {
        result.people = people
        result.tiers?.moves = moves.sorted { $0.key < $1.key }.flatMap { from, targets in
            targets.sorted { $0.key < $1.key }.map { .init(from: from, to: $0.key, members: $0.value) }
        }
        let (count, all) = (Double(result.replayed), Double(people))
        guard count > 0 else { return result }
        let mean = sum / count
        result.change = Int64((mean * max(all, count)).rounded())
        if all > count, count > 1 {
            let variance = max(squares - count * mean * mean, 0) / (count - 1)
            let error = 1.96 * all * (variance / count * (1 - count / all)).squareRoot()
            result.changeError = Int64(error.rounded(.up))
        }
        return result
    }
}
