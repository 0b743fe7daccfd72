import Logging
import Storage
import Synchronization

/// A brand's year of a loyalty program, from a seed: orders, returns and events through the log and the processor, late,
/// twice and out of order; points, rewards, coupons and tiers by command; tills at once, answers that get lost, crashes on
/// both sides of a commit, clocks that jump, merges and their undoing, and versions of the program mid-year. The
/// invariants are looked at after every operation of whom it touched, and of everybody every thirty days.
///
/// What happens depends on the seed alone (which of several tills at once is first does not matter to what follows), so a
/// seed that failed once fails again. It needs an empty store of its own.
package enum Simulation {
    package struct Options: Sendable, Equatable {
        package var seed: UInt64
        package var days: Int
        package var members: Int
        package var operationsPerDay: Int
        /// A program's document (docs/program.md); nil: the demo brand's.
        package var program: String?

        package init(
            seed: UInt64, days: Int = 365, members: Int = 10_000, operationsPerDay: Int = 60, program: String? = nil
        ) {
            self.seed = seed
            self.days = days
            self.members = members
            self.operationsPerDay = operationsPerDay
            self.program = program
        }
    }

    package struct Report: Sendable, Equatable {
        package var operations = 0
        package var refused = 0
        package var repeats = 0
        package var crashes = 0
        package var lostAnswers = 0
        package var bursts = 0
        package var merges = 0
        package var unmerges = 0
        package var claims = 0
        package var pools = 0
        package var purchases = 0
        package var returns = 0
        package var coupons = 0
        package var grants = 0
        package var versions = 0
        package var accounts = 0
        package var transactions = 0

        package init() {}
    }

    /// Where it went wrong, and how to see it again.
    package struct Failure: Error, Sendable, CustomStringConvertible {
        package var seed: UInt64
        package var day: Int
        package var step: Int
        package var operation: String
        package var flaws: [String]

        package var description: String {
            "seed \(seed), day \(day), step \(step), \(operation): " + flaws.joined(separator: "; ")
        }
    }

    /// Runs to the end or to the first flaw. `report` is told of every day that is over.
    /// Throws: `Simulation.Failure`, `CriteriaError` and `ProgramError` of a program that cannot be used, `StorageError`.
    package static func run(
        _ options: Options, store: any OperationalStore, report: @Sendable (Int) -> Void = { _ in }
    ) async throws -> Report {
        let clock = SimulatedClock(at: Timestamp(milliseconds: 1_767_225_600_000), seed: options.seed)
        let store = CrashingStore(store)
        // Jobs that die with their process are meant to.
        var quiet = Logger(label: "simulation")
        quiet.logLevel = .critical
        let platform = Platform(
            store: store, analytics: ClosedAnalyticsStore("A simulation has none."), effects: clock.effects,
            logger: quiet)
        var year = try await SimulatedYear(options, clock, store, platform)
        for day in 0..<options.days {
            try await year.live(day)
            report(day)
        }
        return try await year.end()
    }
}

/// The simulation's time, identifiers and randomness.
final class SimulatedClock: Sendable {
    private struct State {
        var now: Timestamp
        var ids: Int64 = 1
        var random: SplitMix64
    }

    private let state: Mutex<State>

    init(at start: Timestamp, seed: UInt64) {
        state = Mutex(State(now: start, random: SplitMix64(seed: seed)))
    }

    var now: Timestamp { state.withLock { $0.now } }

    /// Backwards, too: clocks of tills are set right.
    func move(milliseconds: Int64) {
        state.withLock { $0.now = $0.now.adding(milliseconds: milliseconds) }
    }

    var effects: Effects {
        Effects(
            now: { self.now },
            newID: {
                self.state.withLock { state in
                    state.ids += 1
                    return state.ids
                }
            },
            randomBytes: { count in
                self.state.withLock { state in (0..<count).map { _ in UInt8(truncatingIfNeeded: state.random.next()) } }
            })
    }
}
