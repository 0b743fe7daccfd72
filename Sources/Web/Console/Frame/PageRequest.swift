import Engine
import HTTPTypes
import Hummingbird

/// One request of somebody who is signed in and may do what the route is for.
///
/// Only `ConsoleGate` makes one, so a handler that holds it needs no further check.
package struct PageRequest: Sendable {
    package let console: Console
    package let session: Session
    package let workspace: Workspace
    package let wording: Wording
    package let path: String
    package let parameters: [String: String]
    package private(set) var query: Fields
    package let form: Fields
    /// The unread body of an upload route; empty elsewhere.
    package let body: RequestBody
    package let now: Timestamp
    package let route: ConsoleRoute
    /// A text key to be shown once, left by the request before.
    let notice: String?
    /// How far a stream of events had come before its connection broke.
    let lastEventID: String?
    /// How this server is reached, for snippets: `https://perennial.example.com`.
    package let address: String
    /// Where the request comes from (`ClientNetwork`).
    let network: String?
    /// How much waits for somebody, by the path of the page in the menu.
    let waiting: [String: Int64]

    fileprivate init(_ facts: Facts, route: ConsoleRoute, proof: Proof) {
        console = facts.console
        session = proof.session
        workspace = facts.workspace
        wording = facts.wording
        path = facts.path
        parameters = facts.parameters
        query = facts.query
        form = facts.form
        body = facts.body
        now = facts.now
        notice = facts.notice
        lastEventID = facts.lastEventID
        address = facts.address
        network = facts.network
        waiting = facts.waiting
        self.route = route
    }

    package var user: User { session.user }
    package var platform: Platform { console.platform }
    /// `2026-11-22`, where the workspace is.
    var today: String { LocalCalendar.text(ofDay: workspace.calendar.day(of: now)) }
    /// How the audit log names this person.
    package var actor: String { "user:\(user.id)" }

    /// The same with another query.
    func asking(_ query: Fields) -> PageRequest {
        var copy = self
        copy.query = query
        return copy
    }

    /// The number in the path under a name. Throws: `PageFailure.notFound`.
    package func id(_ name: String) throws -> Int64 {
        guard let id = parameters[name].flatMap({ Int64($0) }) else { throw PageFailure.notFound }
        return id
    }

    /// A day of the query (`1998-07-01`) as days since 1970; nil when there is none or it is no day.
    package func day(_ name: String) -> Int64? {
        query[name].flatMap { LocalCalendar.day(fromText: $0) }
    }

    package func text(_ key: String, _ values: [String: String] = [:], count: Int64? = nil) -> String {
        wording.text(key, values, count: count)
    }
}

/// Ends a handler with an error page that says what happened and what to do.
package enum PageFailure: Error, Sendable, Equatable {
    case notFound
    case forbidden
    /// The form is too old, or came from elsewhere.
    case staleForm
    case tooLarge(maximumBytes: Int)
    case signInNeeded
    /// The workspace wants a second factor and this person has not set one up.
    case secondFactorNeeded
}

/// What is known of a request before anybody is let in.
struct Facts: Sendable {
    var console: Console
    var workspace: Workspace
    var wording: Wording
    var path: String
    var parameters: [String: String]
    var query: Fields
    var form: Fields
    var body: RequestBody
    var now: Timestamp
    var notice: String?
    var lastEventID: String?
    var address: String
    var network: String?
    var waiting: [String: Int64]
}

/// That a living session has the route's permission, and that a change carries the session's token.
struct Proof {
    fileprivate let session: Session
}

/// The one place that decides whether a request may reach a handler.
enum ConsoleGate {
    /// Throws: `PageFailure.signInNeeded`, `.secondFactorNeeded`, `.forbidden`, `.staleForm`.
    static func admit(
        _ session: Session?, to route: ConsoleRoute, facts: Facts, presentedToken: String?
    ) throws -> PageRequest {
        guard let session else { throw PageFailure.signInNeeded }
        let lacksFactor = session.user.twoFactorSince == nil && session.method != .sso
        if facts.workspace.requiresTwoFactor, lacksFactor, route.permission != .ownAccount {
            throw PageFailure.secondFactorNeeded
        }
        guard session.user.role.may(route.permission) else { throw PageFailure.forbidden }
        if route.changes {
            guard let presentedToken, Digest.equal(presentedToken, session.csrfToken) else {
                throw PageFailure.staleForm
            }
        }
        return PageRequest(facts, route: route, proof: Proof(session: session))
    }
}
