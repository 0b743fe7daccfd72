import Dispatch

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// One place in the pool: a serial queue and the connection that only this queue uses.
///
/// `@unchecked Sendable` holds because `link` is read and written on `queue` alone.
final class PostgreSQLWorker: @unchecked Sendable {
    private static let attemptsMax = 20
    private static let firstReconnectDelaySeconds = 0.05
    private static let longestReconnectDelaySeconds = 1.0
    private static let firstRetryDelaySeconds = 0.002
    private static let longestRetryDelaySeconds = 0.25

    private let queue: DispatchQueue
    private let address: PostgreSQLAddress
    private let options: OperationalStoreOptions
    private let number: Int
    private let absence: PostgreSQLAbsence
    private var link: PostgreSQLLink?

    init(number: Int, address: PostgreSQLAddress, options: OperationalStoreOptions, absence: PostgreSQLAbsence) {
        self.number = number
        self.absence = absence
        self.address = address
        self.options = options
        queue = DispatchQueue(label: "perennial.postgresql.\(number)")
    }

    /// Connects once, without patience: the first connection tells whether the address is right.
    func connect() async throws {
        try await queue.run { [self] in
            do {
                link = try PostgreSQLLink(address, statementTimeoutSeconds: options.statementTimeoutSeconds)
            } catch let failure as PostgreSQLFailure {
                throw failure.error
            }
        }
    }

    func disconnect() async {
        await withCheckedContinuation { continuation in
            queue.async { [self] in
                link = nil
                continuation.resume()
            }
        }
    }

    func transaction<T: Sendable>(
        _ mode: TransactionMode, _ body: @escaping @Sendable (any OperationalLink) throws -> T
    ) async throws -> T {
        try await queue.run { [self] in try runOnQueue(mode, body) }
    }

    private func runOnQueue<T>(_ mode: TransactionMode, _ body: (any OperationalLink) throws -> T) throws -> T {
        var attempt = 1
        var delay = Self.firstRetryDelaySeconds
        while true {
            let link = try begin(mode)
            do {
                let value = try body(link)
                if let failure = link.failure { throw failure.error }
                try link.commit()
                return value
            } catch {
                let failure = link.failure
                try end(link, after: failure)
                guard let failure, failure.isRetryable, attempt < Self.attemptsMax else { throw error }
                // Competitors wait differently long, each by its number in the pool, and ever longer.
                pause(delay * Double(1 + number % 4))
                delay = min(2 * delay, Self.longestRetryDelaySeconds)
                attempt += 1
            }
        }
    }

    /// Leaves the connection clean for the next transaction, or drops it.
    private func end(_ link: PostgreSQLLink, after failure: PostgreSQLFailure?) throws {
        guard !link.isBroken else {
            self.link = nil
            return
        }
        do {
            try link.rollback()
            if failure?.isStalePlan == true { try link.forgetStatements() }
        } catch {
            self.link = nil
        }
    }

    /// A connection with an open transaction. Nothing has happened in it, so a connection that turns out to be dead
    /// is replaced, with growing pauses while the server is away.
    private func begin(_ mode: TransactionMode) throws -> PostgreSQLLink {
        let start = DispatchTime.now().uptimeNanoseconds
        var delay = Self.firstReconnectDelaySeconds
        while true {
            let wasOpen = link != nil
            do {
                let link =
                    try self.link ?? PostgreSQLLink(address, statementTimeoutSeconds: options.statementTimeoutSeconds)
                self.link = link
                try link.begin(mode, statementTimeoutSeconds: options.statementTimeoutSeconds)
                absence.end()
                return link
            } catch {
                link = nil
                if wasOpen { continue }
                let waited = Double(DispatchTime.now().uptimeNanoseconds - start) / 1_000_000_000
                guard !absence.isKnown, waited + delay < options.waitSeconds else {
                    absence.begin()
                    throw plain(error)
                }
                pause(delay)
                delay = min(delay * 2, Self.longestReconnectDelaySeconds)
            }
        }
    }

    private func plain(_ error: any Error) -> any Error {
        (error as? PostgreSQLFailure)?.error ?? error
    }

    private func pause(_ seconds: Double) {
        usleep(UInt32(seconds * 1_000_000))
    }
}
