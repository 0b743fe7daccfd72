import Engine
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Storage
import TestSupport

@testable import Web

/// A console over a fresh store, driven without a network: requests in, responses out.
struct ConsoleHarness {
    let platform: Platform
    let responder: any HTTPResponder<TestContext>

    /// Read once for all tests: parsing every template is most of what a console costs.
    private static let pages = Task {
        let platform = Platform(
            store: try await openOperationalStore("sqlite://\(try TestFolder.make("pages"))/store.db"),
            analytics: ClosedAnalyticsStore("not in this test"))
        return try await Console(
            platform: platform, configuration: Console.Configuration(uploadFolder: try TestFolder.make("uploads")))
    }

    /// Runs `body` with a console of its own.
    static func with<T>(
        _ effects: Effects = .live, development: Bool = true, analytics: (any AnalyticsStore)? = nil,
        _ body: (ConsoleHarness) async throws -> T
    ) async throws -> T {
        try await TestDatabase.with(.sqlite) { store in
            let platform = Platform(
                store: store, analytics: analytics ?? ClosedAnalyticsStore("not in this test"), effects: effects)
            let console = Console(
                pagesOf: try await pages.value, platform: platform,
                configuration: Console.Configuration(
                    uploadFolder: try TestFolder.make("uploads"), development: development))
            let router = Router(context: TestContext.self)
            ConsoleRoutes.register(console, on: router)
            CentreRoutes.register(console, on: router)
            return try await body(ConsoleHarness(platform: platform, responder: router.buildResponder()))
        }
    }

    /// One event in the log: the workspace is none in which nothing was ever collected.
    func collect() async throws {
        let (effects, now) = (platform.effects, platform.effects.now())
        let event = SystemEvent(name: "Test Noted", profileID: 1, time: now, properties: "{}")
        try await platform.store.write {
            try SystemEventLog.append([event], now: now, effects: effects, to: $0)
        }
    }

    /// A user with this role and the browser that they are signed in with.
    func signedIn(as role: Role, email: String? = nil, name: String = "Lin") async throws -> Browser {
        let effects = platform.effects
        let session = try await platform.store.write { connection in
            let user = try Users.create(
                email: email ?? "\(role.rawValue)@example.com", name: name, role: role, language: "en", by: "test",
                connection, effects)
            let link = try Users.oneTimeLink(for: user.id, purpose: .invitation, connection, effects)
            let outcome = try Users.redeem(
                link: link.token, password: nil, from: SignInOrigin(address: "test", userAgent: "test"), connection,
                effects)
            guard case .signedIn(let session) = outcome else { throw AccountError.linkNotValid }
            return session
        }
        return Browser(harness: self, cookies: [SessionCookie.session: session.token])
    }

    func send(_ request: Request) async throws -> Answer {
        let context = TestContext(source: TestContext.Source(logger: platform.logger))
        let response = try await responder.respond(to: request, context: context)
        let collected = Collected()
        // A stream of events has no end to wait for; `begin` reads its first piece.
        let isStream = response.headers[.contentType]?.hasPrefix("text/event-stream") == true
        if !isStream { try await response.body.write(collected) }
        return Answer(status: response.status.code, headers: response.headers, text: collected.text)
    }
}

/// A context without a network.
struct TestContext: RequestContext {
    struct Source: RequestContextSource {
        let logger: Logger
    }

    var coreContext: CoreRequestContextStorage

    init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
    }
}

/// What came back.
struct Answer {
    let status: Int
    let headers: HTTPFields
    let text: String

    var location: String { headers[.location] ?? "" }
    var cookies: [String] { headers[values: .setCookie] }
}

/// Keeps cookies and the page's token, as a browser does.
final class Browser {
    let harness: ConsoleHarness
    var cookies: [String: String]
    var token = ""

    init(harness: ConsoleHarness, cookies: [String: String] = [:]) {
        self.harness = harness
        self.cookies = cookies
    }

    func get(_ path: String, headers: HTTPFields = [:]) async throws -> Answer {
        try await send(.get, path, body: nil, headers: headers)
    }

    /// Posts a form with the token of the page last opened.
    func post(
        _ path: String, _ fields: [String: String] = [:], token: String? = nil, headers: HTTPFields = [:]
    ) async throws -> Answer {
        var all = fields
        all["csrf"] = token ?? self.token
        let body = all.map { "\(Fields.encoded($0.key))=\(Fields.encoded($0.value))" }.joined(separator: "&")
        var headers = headers
        headers[.contentType] = "application/x-www-form-urlencoded"
        return try await send(.post, path, body: body, headers: headers)
    }

    private func send(
        _ method: HTTPRequest.Method, _ path: String, body: String?, headers: HTTPFields
    ) async throws -> Answer {
        var fields = headers
        fields[.cookie] = cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
        let head = HTTPRequest(
            method: method, scheme: "http", authority: "localhost", path: path, headerFields: fields)
        let answer = try await harness.send(
            Request(head: head, body: RequestBody(buffer: ByteBuffer(string: body ?? ""))))
        for cookie in answer.cookies {
            let pair = cookie.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            cookies[String(pair[0])] = pair.count > 1 && !pair[1].isEmpty ? String(pair[1]) : nil
        }
        if let found = answer.text.firstMatch(of: /<meta name="csrf" content="([^"]*)">/) { token = String(found.1) }
        return answer
    }
}

private final class Collected: ResponseBodyWriter {
    private var buffer = ByteBuffer()
    var text: String { String(buffer: buffer) }

    func write(_ more: ByteBuffer) async throws {
        buffer.writeImmutableBuffer(more)
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
