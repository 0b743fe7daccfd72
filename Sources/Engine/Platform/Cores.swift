import Dispatch
import Foundation
import Synchronization

/// Pure work on many things at once, shared out over the cores of the machine. Blocks until it is done: for threads of their
/// own, such as those of a store, not for those that tasks share.
enum Cores {
    /// More threads than this wait for memory more than they help.
    private static let partsMax = 4
    /// What fewer things than this take is less than waking a thread up.
    private static let fewest = 100

    /// What `body` makes of each, in the order of `items`. Throws: what `body` throws of one of them, the first in that order.
    static func map<Item: Sendable, Made: Sendable>(
        _ items: [Item], _ body: @Sendable (Item) throws -> Made
    ) throws -> [Made] {
        let parts = min(ProcessInfo.processInfo.activeProcessorCount, partsMax, items.count / fewest)
        guard parts > 1 else { return try items.map(body) }
        let made = Mutex<[Int: Result<[Made], any Error>]>([:])
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            let range = (items.count * part / parts)..<(items.count * (part + 1) / parts)
            let result = Result { try items[range].map(body) }
            made.withLock { $0[part] = result }
        }
        let results = made.withLock { $0 }
        var all: [Made] = []
        all.reserveCapacity(items.count)
        for part in 0..<parts { try all += results[part]?.get() ?? [] }
        return all
    }
}
