import Storage
import Synchronization

/// A brand's year over the ledger, from a seed: tills at once, duplicates, answers that get lost, crashes before a commit,
/// clocks that jump, partial returns, merges and rules that change, with the invariants looked at after every operation.
///
/// What happens depends on the seed alone (which of several tills at once is first does not matter to what follows), so a
/// seed that failed once fails again. It needs an empty store of its own.
package enum Simulation {
    package struct Options: Sendable, Equatable {
        package var seed: UInt64
        package var days: Int
        package var members: Int
        package var operationsPerDay: Int

        package init(seed: UInt64, days: Int = 365, members: Int = 40, operationsPerDay: Int = 30) {
            self.seed = seed
            self.days = days
            self.members = members
            self.operationsPerDay = operationsPerDay
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
        package var claims = 0
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
    /// Throws: `Simulation.Failure`, `StorageError`.
    package static func run(
        _ options: Options, store: any OperationalStore, report: @Sendable (Int) -> Void = { _ in }
    ) async throws -> Report {
        let clock = SimulatedClock(at: Timestamp(milliseconds: 1_767_225_600_000), seed: options.seed)
        let platform = Platform(
            store: store, analytics: ClosedAnalyticsStore("A simulation has none."), effects: clock.effects)
        var year = try await SimulatedYear(options, clock, platform)
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
