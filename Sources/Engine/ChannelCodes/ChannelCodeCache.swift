import Storage
import Synchronization

/// Where codes lead, without asking the store at every visit: an answer stands for a few seconds, also “nowhere”.
package final class ChannelCodeCache: Sendable {
    package enum Answer: Sendable {
        case leads(ChannelCode)
        /// Its host was taken off the list.
        case forbidden
        case unknown
    }

    package static let keptMilliseconds: Int64 = 5_000
    private static let codesMax = 20_000

    private struct Entry {
        var answer: Answer
        var readAt: Timestamp
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var source: Int64?
    }

    private let platform: Platform
    private let state = Mutex(State())

    package init(platform: Platform) {
        self.platform = platform
    }

    /// Throws: `StorageError` when the store cannot be read and nothing is known of the code.
    package func answer(_ code: String) async throws -> Answer {
        let now = platform.effects.now()
        let known = state.withLock { $0.entries[code] }
        if let known, now.milliseconds - known.readAt.milliseconds < Self.keptMilliseconds { return known.answer }
        let answer: Answer
        do {
            answer = try await platform.store.read { try Self.read(code, $0) }
        } catch {
            // Posters go on working while the store does not.
            guard let known else { throw error }
            return known.answer
        }
        state.withLock { state in
            if state.entries.count >= Self.codesMax { state.entries.removeAll(keepingCapacity: true) }
            state.entries[code] = Entry(answer: answer, readAt: now)
        }
        return answer
    }

    /// The source that scans belong to. Throws: `StorageError`.
    package func source() async throws -> Int64 {
        if let known = state.withLock({ $0.source }) { return known }
        let effects = platform.effects
        let source = try await platform.store.write { try ChannelCodes.source($0, effects) }
        state.withLock { $0.source = source }
        return source
    }

    private static func read(_ code: String, _ connection: any SQLConnection) throws -> Answer {
        guard
            let row = try connection.first(
                """
                SELECT \(raw: ChannelCode.columns), target_host FROM channel_codes
                WHERE code = \(code) AND archived_ms IS NULL
                """)
        else { return .unknown }
        return try ChannelTargets.allows(try row.text(11), connection) ? .leads(try ChannelCode(row: row)) : .forbidden
    }
}
