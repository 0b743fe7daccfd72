import Synchronization

/// The panels that are being counted in this process, each with a way to stop it.
///
/// A panel is named by the session that asked and a ticket its page made up, so nobody can stop another's.
package final class RunningPanels: Sendable {
    private struct Running {
        var number: Int
        var stop: AsyncStream<Never>.Continuation
    }

    private struct State {
        var begun = 0
        var running: [String: Running] = [:]
    }

    private let state = Mutex(State())

    /// Tickets that are remembered at a time; further panels run without a way to stop them.
    private static let limit = 10_000

    package init() {}

    /// Runs a panel's work. Throws: `CancellationError` once `stop` was called with its ticket, and what the work throws.
    ///
    /// - Parameter isNewest: what still runs under the ticket is stopped: its page no longer waits for it.
    func run<Value: Sendable>(
        _ ticket: String, isNewest: Bool = false, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let (stopped, stop) = AsyncStream<Never>.makeStream()
        let (number, older) = state.withLock { state -> (Int, Running?) in
            let older = state.running[ticket]
            state.begun += 1
            if older == nil ? state.running.count < Self.limit : isNewest {
                state.running[ticket] = Running(number: state.begun, stop: stop)
            }
            return (state.begun, isNewest ? older : nil)
        }
        older?.stop.finish()
        defer {
            state.withLock { state in
                if state.running[ticket]?.number == number { state.running[ticket] = nil }
            }
        }
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                for await _ in stopped {}
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let value = first else { throw CancellationError() }
            return value
        }
    }

    /// Returns false when nothing of that name runs here: it has ended, or another process counts it.
    func stop(_ ticket: String) -> Bool {
        guard let running = state.withLock({ $0.running[ticket] }) else { return false }
        running.stop.finish()
        return true
    }
}

extension PageRequest {
    /// The name of a panel of this session.
    func panelName(_ ticket: String) -> String {
        "\(session.csrfToken) \(ticket.prefix(40))"
    }

    /// Stops a panel that this session's page is waiting for.
    static func stopPanel(_ request: PageRequest) async throws -> Reply {
        let stopped = request.console.panels.stop(request.panelName(request.form.text("panel")))
        return .json(stopped ? "{\"stopped\":true}" : "{\"stopped\":false}")
    }
}
