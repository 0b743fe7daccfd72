import Engine
import Foundation
import HTTPTypes
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Web

/// What the pages make of their models, held as HTML in `Tests/Snapshots`.
///
/// `PERENNIAL_RECORD=1 swift test --filter PageSnapshotTests` writes them anew; the change is then read in the diff.
@Suite("What pages look like in HTML")
struct PageSnapshotTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Snapshots/console")
    private static let now = Timestamp(milliseconds: 1_795_363_200_000)

    /// Time stands still and ids count up, so that the same page comes out every time.
    private static func effects() -> Effects {
        let ids = Counter()
        return Effects(
            now: { now }, newID: { 4_000_000_000_000_000_000 + ids.next() },
            randomBytes: { count in
                (0..<count).map { _ in UInt8(truncatingIfNeeded: ids.next()) }
            })
    }

    private static let pages = [
        "/", "/orders", "/rfm", "/lifecycle", "/account", "/account/two-factor", "/catalogue",
        "/catalogue/event?name=Tea%20Poured", "/channels", "/exports",
        "/imports", "/live", "/live?message=m-1", "/quarantine", "/settings/audit", "/settings/keys",
        "/settings/retention", "/settings/sign-on", "/settings/users", "/sources", "/sources/{source}", "/status",
        "/traffic", "/members", "/points", "/points/currencies", "/points/currencies/new", "/points/trial-balance",
        "/rewards", "/rewards/claims", "/approvals", "/liability",
        "/nothing/here",
    ]

    @Test("in English, with a little of everything", arguments: pages)
    func english(page: String) async throws {
        try await hold(page, language: "en")
    }

    @Test("in Chinese", arguments: ["/quarantine", "/settings/audit", "/sources", "/exports", "/nothing/here"])
    func chinese(page: String) async throws {
        try await hold(page, language: "zh-Hans")
    }

    private func hold(_ page: String, language: String) async throws {
        try await ConsoleHarness.with(Self.effects()) { harness in
            let source = try await Self.fill(harness)
            let browser = try await harness.signedIn(as: .admin)
            if language != "en" {
                _ = try await browser.get("/account")
                _ = try await browser.post(
                    "/account/preferences", ["name": "Lin", "language": language, "theme": "light"])
                _ = try await browser.get("/account")
            }
            let path = page.replacing("{source}", with: String(source))
            let html = try await browser.get(path, headers: [.accept: "text/html"]).text
            let main = try Self.main(of: html)
            let name =
                page == "/"
                ? "overview" : page.lowercased().replacing(/[^a-z]+/, with: "-").trimmingCharacters(in: ["-"])
            let file = Self.folder.appendingPathComponent("\(name).\(language).html")
            if ProcessInfo.processInfo.environment["PERENNIAL_RECORD"] == "1" {
                try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
                try main.write(to: file, atomically: true, encoding: .utf8)
            }
            let kept = try String(contentsOf: file, encoding: .utf8)
            #expect(main == kept, "\(page) is not as in \(file.lastPathComponent)")
        }
    }

    /// The page without its frame, one tag a line, without what differs from run to run.
    private static func main(of html: String) throws -> String {
        let start = try #require(html.range(of: "<main"))
        let end = try #require(html.range(of: "</main>"))
        return String(html[start.lowerBound..<end.upperBound])
            .replacing(/name="csrf" value="[^"]*"/, with: "name=\"csrf\" value=\"…\"")
            .replacing(/\/assets\/[0-9a-f]+\//, with: "/assets/…/")
            .replacing(/wk_[0-9a-f]{6,}/, with: "wk_…")
            .replacing(/sha384-[A-Za-z0-9+\/=]+/, with: "sha384-…")
            .replacing(/\d{18,}/, with: "ID")
            .replacing(">", with: ">\n").replacing(/\n{2,}/, with: "\n")
    }

    /// A source with a key, an event and a refused one, a declaration, a channel code and an export.
    private static func fill(_ harness: ConsoleHarness) async throws -> Int64 {
        let effects = harness.platform.effects
        let source = try await harness.platform.store.write { connection in
            try ChannelTargets.allow("shop.example.com", by: "test", connection, at: now)
            try Declare.event(
                Declare.EventDeclaration(name: "Tea Poured", description: "A cup <b>"), at: now, connection)
            return try Sources.create(name: "Shop & Co", kind: .web, by: "test", connection, effects).source.id
        }
        let event = IncomingEvent(
            kind: .track, name: "Tea Poured", messageID: "m-1",
            identities: [IdentityClaim(kind: "user_id", value: "u1")], time: now, receivedAt: now,
            properties: #"{"colour":"red"}"#)
        let refused = RejectedItem(
            messageID: "m-2", reason: .missingField, explanation: "event is needed: the name of what happened",
            raw: Array("{}".utf8), dialect: "segment")
        let signal = LogSignal()
        try await Ingest(platform: harness.platform, signal: signal).append(
            IncomingBatch(sourceID: source, events: [event], rejected: [refused]))
        try await Processor(platform: harness.platform, signal: signal).catchUp()
        return source
    }

    private final class Counter: Sendable {
        private let count = Mutex<Int64>(0)
        func next() -> Int64 {
            count.withLock {
                $0 += 1
                return $0
            }
        }
    }
}
