import Foundation
import Synchronization

/// The nodes that may be asked, and which one is asked at the moment.
///
/// All calls go to one node until it fails, then to the next: with one coordinator a load is seen by the query after
/// it, as both prefer the same replicas.
final class ClickHouseHosts: Sendable {
    private let hosts: [String]
    private let current = Mutex(0)

    /// How many rounds over all nodes a call makes, and how long it rests between two, growing.
    struct Patience: Sendable {
        var rounds: Int
        var restMilliseconds: UInt32

        /// Enough for a node that restarts: about 20 seconds.
        static let load = Patience(rounds: 12, restMilliseconds: 250)
        static let query = Patience(rounds: 3, restMilliseconds: 100)
        private static let restMillisecondsMax: UInt32 = 2000

        func rest(after round: Int) {
            usleep(min(restMilliseconds << UInt32(min(round, 8)), Self.restMillisecondsMax) * 1000)
        }
    }

    init(_ hosts: [String]) {
        self.hosts = hosts
    }

    var all: [String] { hosts }
    var asked: String { hosts[current.withLock { $0 }] }

    /// Calls `body` with the node asked at the moment, and with the next ones when that one cannot be reached or tells
    /// that another attempt may succeed. `body` must be safe to repeat.
    /// Throws: `StorageError.unavailable` with the last reason when patience ends; what `body` throws otherwise.
    func reach<T>(_ patience: Patience, sql: String, seconds: Int, _ body: (String) throws -> T) throws -> T {
        var reason = ""
        for round in 0..<patience.rounds {
            for _ in hosts {
                let index = current.withLock { $0 }
                do {
                    return try body(hosts[index])
                } catch let error as ClickHouseConnection.TransportError {
                    reason = error.message
                } catch let error as ClickHouseError where error.isTransient {
                    reason = "\(hosts[index]): \(error.message) (code \(error.code))"
                } catch let error as ClickHouseError {
                    throw error.storageError(sql: sql, seconds: seconds)
                }
                current.withLock { $0 = $0 == index ? (index + 1) % hosts.count : $0 }
            }
            if round + 1 < patience.rounds { patience.rest(after: round) }
        }
        throw StorageError.unavailable(message: "no ClickHouse node could do it; last: \(reason)")
    }
}
