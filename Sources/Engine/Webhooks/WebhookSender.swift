import Foundation
import ServiceLifecycle
import Storage

/// Sends what is due: endpoint by endpoint in the order of its numbers, each message under a lease.
///
/// An attempt that fails ends the run of its endpoint, which is then left in peace for a while; the message comes again
/// after a wait of its own, and messages behind it may overtake it: their numbers tell.
struct WebhookSender: Sendable {
    let platform: Platform
    let owner: String
    let transport: WebhookTransport

    /// The enabled endpoints for which something is due. Throws: `StorageError`.
    func due() async throws -> [Int64] {
        let now = platform.effects.now()
        return try await platform.store.read { connection in
            try connection.query(
                """
                SELECT e.id FROM webhook_endpoints e WHERE e.status = 'enabled' AND \(Self.isRested(at: now)) AND (
                    EXISTS (SELECT 1 FROM webhook_deliveries d
                        WHERE d.endpoint_id = e.id AND d.status = 'waiting' AND d.due_ms <= \(now.milliseconds))
                    OR EXISTS (SELECT 1 FROM webhook_deliveries d
                        WHERE d.endpoint_id = e.id AND d.status = 'sending' AND \(Self.isFree(at: now))))
                ORDER BY e.id
                """
            ).map { try $0.int(0) }
        }
    }

    /// Whether nobody holds a message.
    private static func isFree(at now: Timestamp) -> SQL { LeaseClock.isOver(WebhookLimits.leaseMilliseconds, at: now) }

    /// Whether an endpoint is no longer left in peace; one that is for longer than any was before the clock went back.
    private static func isRested(at now: Timestamp) -> SQL {
        """
        (resume_ms <= \(now.milliseconds) OR resume_ms > \(now.milliseconds + WebhookLimits.restMaxMilliseconds))
        """
    }

    /// Lets messages wait as long as they were to wait, where a clock that has gone back since gave them their moment.
    /// Throws: `StorageError`.
    func bringBack(at now: Timestamp) async throws {
        let ahead = ClockWatch.beyond(now)
        let found: SQL = """
            SELECT id FROM webhook_deliveries WHERE endpoint_id IN (SELECT id FROM webhook_endpoints)
                AND status = 'waiting' AND due_ms > \(ahead) AND coalesce(attempted_ms, created_ms) > \(ahead)
            """
        guard try await platform.store.read({ try $0.first("\(found) LIMIT 1") != nil }) else { return }
        _ = try await platform.store.write { connection in
            try connection.execute(
                """
                UPDATE webhook_deliveries SET due_ms = \(now.milliseconds) + CASE
                    WHEN due_ms > coalesce(attempted_ms, created_ms) THEN due_ms - coalesce(attempted_ms, created_ms)
                    ELSE 0 END WHERE id IN (\(found))
                """)
        }
    }

    /// Sends what is due to one endpoint until nothing is, an attempt fails, or the process stops.
    func run(_ endpoint: Int64) async throws {
        while !Task.isShuttingDownGracefully, let claim = try await claim(endpoint) {
            var rest = claim.deliveries[...]
            while let delivery = rest.popFirst() {
                let isStopping = Task.isShuttingDownGracefully
                let outcome = isStopping ? nil : try await attempt(delivery, claim)
                let goesOn = try await settle(delivery, outcome, rest.map(\.id), endpoint)
                guard goesOn else { return }
            }
        }
    }

    /// What is sent in one run, and with what.
    private struct Claim: Sendable {
        var url: String
        var secrets: [String]
        var deliveries: [WebhookDelivery]
    }

    private struct Outcome: Sendable {
        var status = 0
        var answer = ""
        /// All that was read of it.
        var bytes: [UInt8] = []
        var problem = ""
        var milliseconds: Int64 = 0

        var isAccepted: Bool { (200..<300).contains(status) }
        var isGone: Bool { status == 410 }
    }

    private func claim(_ endpoint: Int64) async throws -> Claim? {
        try await platform.store.write { [platform, owner] connection in
            let now = platform.effects.now()
            let lock = connection.dialect.forUpdateSkipLocked
            let found = try connection.first(
                """
                SELECT url FROM webhook_endpoints WHERE id = \(endpoint) AND status = 'enabled'
                    AND \(Self.isRested(at: now))
                """)
            guard let url = try found?.text(0) else { return nil }
            let waiting = try connection.query(
                """
                SELECT \(raw: WebhookDelivery.columns) FROM webhook_deliveries WHERE endpoint_id = \(endpoint)
                    AND status = 'waiting' AND due_ms <= \(now.milliseconds)
                ORDER BY due_ms, sequence LIMIT \(WebhookLimits.claimed)\(raw: lock)
                """)
            let left = try connection.query(
                """
                SELECT \(raw: WebhookDelivery.columns) FROM webhook_deliveries WHERE endpoint_id = \(endpoint)
                    AND status = 'sending' AND \(Self.isFree(at: now))
                ORDER BY due_ms, sequence LIMIT \(WebhookLimits.claimed)\(raw: lock)
                """)
            let deliveries = try (waiting + left).map(WebhookDelivery.init(row:)).sorted { $0.sequence < $1.sequence }
            guard !deliveries.isEmpty else { return nil }
            try Self.hold(deliveries.map(\.id), owner, at: now, connection)
            let secrets = try Webhooks.secrets(of: endpoint, platform.seal, connection, at: now)
            return Claim(url: url, secrets: secrets, deliveries: deliveries)
        }
    }

    private static func hold(
        _ ids: [Int64], _ owner: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        try connection.executeMany(
            "UPDATE webhook_deliveries SET status = 'sending', owner = ?, lease_expires_ms = ? WHERE id = ?",
            ids.map { [.text(owner), .integer(now.milliseconds + WebhookLimits.leaseMilliseconds), .integer($0)] })
    }

    /// Throws: `CancellationError`, when the process stops at once; the message then comes again under its id.
    private func attempt(_ delivery: WebhookDelivery, _ claim: Claim) async throws -> Outcome {
        let start = ContinuousClock.now
        let seconds = platform.effects.now().seconds
        let message = WebhookMessage(
            url: claim.url, id: delivery.messageID, seconds: seconds,
            signature: WebhookSignature.header(
                id: delivery.messageID, seconds: seconds, body: delivery.body, secrets: claim.secrets),
            body: delivery.body)
        var outcome = Outcome()
        do {
            let answer = try await transport(message)
            outcome.status = answer.status
            outcome.bytes = answer.bytes
            outcome.answer = String(decoding: answer.bytes.prefix(WebhookLimits.answerBytes), as: UTF8.self)
                .replacing("\0", with: "")
            if !outcome.isAccepted { outcome.problem = (300..<400).contains(answer.status) ? "redirect" : "status" }
        } catch let error as CancellationError {
            throw error
        } catch {
            (outcome.problem, outcome.answer) = Self.words(of: error)
        }
        outcome.milliseconds = Int64((ContinuousClock.now - start) / .milliseconds(1))
        return outcome
    }

    private static func words(of error: any Error) -> (problem: String, detail: String) {
        switch error {
        case OutgoingAddress.Refusal.privateAddress(let address): ("private_address", address)
        case OutgoingAddress.Refusal.unknownHost(let host): ("unknown_host", host)
        case OutgoingAddress.Refusal.plain: ("not_encrypted", "")
        case OutgoingRequest.Failure.unreachable(let words): ("unreachable", words)
        default: ("failed", String("\(error)".prefix(WebhookLimits.answerBytes)))
        }
    }

    /// Writes down how it went. `outcome` nil: it was not tried. Returns whether the run goes on.
    private func settle(
        _ delivery: WebhookDelivery, _ outcome: Outcome?, _ rest: [Int64], _ endpoint: Int64
    ) async throws -> Bool {
        let (now, owner, effects) = (platform.effects.now(), owner, platform.effects)
        let jitter = effects.randomBytes(2)
        let goesOn = try await platform.store.write { connection in
            let ours = try connection.first(
                """
                SELECT question FROM webhook_deliveries WHERE id = \(delivery.id) AND owner = \(owner)
                    AND status = 'sending'\(raw: connection.dialect.forUpdate)
                """)
            guard let question = try ours?.text(0) else { return false }
            guard let outcome else {
                try Self.giveBack([delivery.id] + rest, connection)
                return false
            }
            let attempts = delivery.attempts + 1
            let isDead = attempts >= WebhookLimits.attempts || outcome.isGone
            let status: WebhookDelivery.Status = outcome.isAccepted ? .delivered : isDead ? .dead : .waiting
            let due = outcome.isAccepted ? now : now.adding(milliseconds: Self.wait(afterAttempt: attempts, jitter))
            // Runs before endpoints, in the order in which journeys lock them.
            let said =
                status == .waiting ? [] : try Self.answer(question, outcome, of: endpoint, at: now, connection)
            try connection.execute(
                """
                UPDATE webhook_deliveries SET status = \(status.rawValue), attempts = \(attempts),
                    due_ms = \(due.milliseconds), owner = '', answer_status = \(outcome.status),
                    answer = \(outcome.answer), problem = \(outcome.problem), took_ms = \(outcome.milliseconds),
                    attempted_ms = \(now.milliseconds) WHERE id = \(delivery.id)
                """)
            if outcome.isAccepted {
                try connection.execute(
                    """
                    UPDATE webhook_endpoints SET failing_since_ms = NULL, failures = 0
                    WHERE id = \(endpoint) AND failing_since_ms IS NOT NULL
                    """)
                try Self.hold(rest, owner, at: now, connection)
            } else {
                try Self.giveBack(rest, connection)
                try Self.rest(endpoint, isGone: outcome.isGone, at: now, connection)
            }
            try SystemEventLog.append(said, now: now, effects: effects, to: connection)
            return outcome.isAccepted
        }
        note(outcome)
        return goesOn
    }

    /// Keeps what was answered for who waits for it. Returns what is said of it.
    private static func answer(
        _ question: String, _ outcome: Outcome, of endpoint: Int64, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> [SystemEvent] {
        guard !question.isEmpty else { return [] }
        let question = try StoredDocument.value(JourneyQuestion.self, from: question)
        var values: [String: JSONValue] = [:]
        if outcome.isAccepted, !question.keep.isEmpty {
            // An answer that is no JSON has nothing to keep.
            do { values = question.kept(of: try JSONValue(parsing: outcome.bytes)) } catch { values = [:] }
        }
        try JourneyAnswers.keep(values, question, connection)
        return [
            JourneyAnswers.event(
                WebhookOutbox.answered, outcome.isAccepted ? "answered" : "failed", question, values, at: now,
                [
                    "webhook_id": JSONValue(id: endpoint), "status": .integer(Int64(outcome.status)),
                    "problem": .string(outcome.problem),
                ])
        ]
    }

    private static func giveBack(_ ids: [Int64], _ connection: any SQLConnection) throws {
        try connection.executeMany(
            "UPDATE webhook_deliveries SET status = 'waiting', owner = '' WHERE id = ?", ids.map { [.integer($0)] })
    }

    /// Leaves an endpoint in peace after a failure, and pauses it when there is no hope.
    private static func rest(
        _ endpoint: Int64, isGone: Bool, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        let row = try connection.first(
            "SELECT failing_since_ms, failures FROM webhook_endpoints WHERE id = \(endpoint)")
        guard let row else { return }
        let since = try row.intOrNil(0) ?? now.milliseconds
        let failures = try row.int(1)
        let pause = min(
            WebhookLimits.restMilliseconds << min(failures, 20), WebhookLimits.restMaxMilliseconds)
        try connection.execute(
            """
            UPDATE webhook_endpoints SET failing_since_ms = \(since), failures = \(failures + 1),
                resume_ms = \(now.milliseconds + pause) WHERE id = \(endpoint)
            """)
        let limit = Timestamp(milliseconds: since).adding(days: WebhookLimits.failingDays)
        if isGone {
            try Webhooks.stop(endpoint, .gone, connection, at: now)
        } else if now >= limit {
            try Webhooks.stop(endpoint, .failing, connection, at: now)
        }
    }

    /// 10 s, 40 s, 160 s, … up to a day, each lengthened at random.
    static func wait(afterAttempt attempt: Int64, _ random: [UInt8]) -> Int64 {
        var wait = WebhookLimits.backoffMilliseconds
        for _ in 1..<max(attempt, 1) {
            wait = min(wait * WebhookLimits.backoffFactor, WebhookLimits.backoffMaxMilliseconds)
        }
        let draw = random.reduce(Int64(0)) { $0 << 8 | Int64($1) }
        return wait + wait * WebhookLimits.jitterPercent / 100 * draw / (1 << (8 * Int64(random.count)))
    }

    private func note(_ outcome: Outcome?) {
        guard let outcome else { return }
        platform.metrics.counter(
            "perennial_webhook_attempts_total", "Attempts to send webhook messages.",
            ["outcome": outcome.isAccepted ? "accepted" : outcome.problem]
        ).increment()
    }
}

/// One signed message, as it goes out.
package struct WebhookMessage: Sendable, Equatable {
    package var url: String
    package var id: String
    package var seconds: Int64
    package var signature: String
    package var body: String
}

/// Sends one message. Throws: whatever is no answer.
package typealias WebhookTransport = @Sendable (WebhookMessage) async throws -> OutgoingRequest.Answer

extension WebhookMessage {
    /// By HTTP: no redirects, within `WebhookLimits.answerSeconds`, and only to addresses that are allowed.
    package static func transport(allowPrivate: Bool) -> WebhookTransport {
        { message in
            guard let address = OutgoingAddress(message.url) else {
                throw OutgoingRequest.Failure.unreachable("the address cannot be read")
            }
            var request = OutgoingRequest(url: message.url)
            request.json = message.body
            request.headers = [
                ("webhook-id", message.id), ("webhook-timestamp", String(message.seconds)),
                ("webhook-signature", message.signature), ("Expect", ""),
            ]
            request.seconds = WebhookLimits.answerSeconds
            request.keptBytes = WebhookLimits.readBytes
            return try await OutgoingRequest.send(request, to: address, allowPrivate: allowPrivate)
        }
    }
}
