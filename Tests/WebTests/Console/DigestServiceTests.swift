import Storage
import Synchronization
import TestSupport
import Testing

@testable import Engine
@testable import Web

@Suite("Digests by mail")
struct DigestServiceTests {
    /// A clock that can be set.
    private final class SteppedClock: Sendable {
        private let moment: Mutex<Timestamp>

        init(_ start: Timestamp) { moment = Mutex(start) }

        var now: Timestamp { moment.withLock { $0 } }

        func move(to next: Timestamp) { moment.withLock { $0 = next } }

        var effects: Effects {
            var effects = Effects.live
            effects.now = { self.now }
            return effects
        }
    }

    /// A mail server that answers as it is told and keeps what it took.
    private final class Post: Sendable {
        let state = Mutex((taken: [String](), answers: [String: MailAnswer]()))

        var taken: [String] { state.withLock { $0.taken } }

        func answer(_ address: String, _ answer: MailAnswer?) { state.withLock { $0.answers[address] = answer } }

        var channel: EmailChannel {
            EmailChannel { letters, _ in
                letters.map { letter in
                    self.state.withLock { state in
                        if let answer = state.answers[letter.to] { return answer }
                        state.taken.append(letter.to + "\n" + String(decoding: letter.bytes, as: UTF8.self))
                        return MailAnswer(.accepted, code: 250, text: "250 OK")
                    }
                }
            }
        }
    }

    private static func board(_ platform: Platform, recipients: [String]) async throws -> Dashboard {
        var layout = DashboardLayout(panels: [DashboardPanel(title: "Visits", panel: "trend", query: "report=traffic")])
        layout.digest = DigestSchedule(cadence: .daily, hour: 8, recipients: recipients)
        let effects = platform.effects
        return try await platform.store.write { [layout] connection in
            var draft = EmailSettings()
            (draft.host, draft.fromAddress) = ("mail.test", "news@shop.test")
            _ = try EmailSettings.save(draft, password: nil, by: "test", platform.seal, effects, connection)
            return try Dashboards.create(name: "Monday", isShared: true, layout, by: 0, connection, effects)
        }
    }

    @Test(
        "each recipient is mailed once for a moment, refusals are shown, what waits is tried again, old news is left out"
    )
    func once() async throws {
        try await TestAnalytics.with(.embedded) { analytics in
            try await TestDatabase.with(.sqlite) { store in
                let clock = SteppedClock(Timestamp(seconds: 1_800_000_000))
                let platform = Platform(store: store, analytics: analytics, effects: clock.effects)
                let board = try await Self.board(platform, recipients: ["a@shop.cn", "b@shop.cn", "c@shop.cn"])
                let post = Post()
                let service = try DigestService(
                    platform: platform, channel: post.channel, address: "https://loyal.shop.test")
                try await service.round()
                #expect(post.taken.isEmpty)
                let due = try #require(board.layout.digest).next(
                    after: clock.now, try await store.read { try Workspace.load($0) }.calendar)
                clock.move(to: due.adding(milliseconds: 5_000))
                post.answer("b@shop.cn", MailAnswer(.refused, code: 451, text: "451 4.3.0 later"))
                post.answer("c@shop.cn", MailAnswer(.refused, code: 550, text: "550 5.1.1 nobody"))
                try await service.round()
                try await service.round()
                #expect(post.taken.count == 1 && post.taken[0].hasPrefix("a@shop.cn"))
                #expect(post.taken[0].contains("https://loyal.shop.test/dashboards/\(board.id)"))
                let sendings = try await store.read { try DigestSendings.list(board.id, $0) }
                #expect(sendings.map(\.status) == [.sent, .waiting, .refused])
                #expect(sendings[2].detail.contains("nobody") && sendings.allSatisfy { $0.dueAt == due })
                post.answer("b@shop.cn", nil)
                clock.move(to: due.adding(milliseconds: 11 * 60_000))
                try await service.round()
                #expect(post.taken.count == 2 && post.taken[1].hasPrefix("b@shop.cn"))
                // Two days without a server: only the last one is news.
                clock.move(to: due.adding(days: 3).adding(milliseconds: 60_000))
                post.answer("c@shop.cn", nil)
                try await service.round()
                #expect(post.taken.count == 5)
                #expect(try await store.read { try DigestSendings.list(board.id, $0) }.count == 6)
                try await store.write { try Dashboards.remove(board.id, by: 0, $0) }
                #expect(try await store.read { try DigestSendings.list(board.id, $0) }.isEmpty)
            }
        }
    }

    @Test("two processes mail nobody twice", arguments: StoreKind.allCases)
    func race(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let clock = SteppedClock(Timestamp(seconds: 1_800_000_000))
            let platform = Platform(store: store, analytics: ClosedAnalyticsStore("not asked"), effects: clock.effects)
            let addresses = (0..<20).map { "p\($0)@shop.cn" }
            let board = try await Self.board(platform, recipients: addresses)
            let digest = try #require(board.layout.digest)
            let calendar = try await store.read { try Workspace.load($0) }.calendar
            let due = DigestSendings.Due(
                dashboard: board, digest: digest, at: digest.next(after: clock.now, calendar))
            let claimed = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<4 {
                    group.addTask { try await store.write { try DigestSendings.claim(due, $0, at: due.at) } }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(claimed.sorted() == addresses.sorted())
        }
    }
}
