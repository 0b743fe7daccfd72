/// A share of the work that one `serve` process may take.
enum ServerRole: String, CaseIterable, Sendable {
    /// HTTP: collectors, API and console.
    case web
    /// Takes events from the log, and writes people, orders and stages.
    case process
    /// Loads processed events and changed profiles into the analytics store.
    case archive
    /// Jobs that run at a time or on request: stage timers, model refreshes, imports.
    case schedule
    /// Sends messages to people.
    case send
}
