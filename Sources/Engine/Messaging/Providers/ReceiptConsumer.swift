import Storage

/// Reads receipts from the log in order and takes them to their messages, in one transaction with how far it has read.
///
/// A receipt may come twice, late, before the one that it follows, and before the answer to the request that it is about
/// was written down: a step is taken once, an earlier one changes nothing, and what is about a message that is not there
/// yet waits a while.
final class ReceiptConsumer: Sendable {
    let lease: SoleLease
    private let platform: Platform
    private let catalog: ProviderCatalog

    static let logRows: Int64 = 1_000
    private static let waitingRows = 500
    /// The first wait of a receipt whose message is not there yet, doubled each time, and when it is given up.
    private static let waitMilliseconds: Int64 = 2_000
    private static let waits: Int64 = 11

    init(platform: Platform, catalog: ProviderCatalog) {
        self.platform = platform
        self.catalog = catalog
        lease = SoleLease("receipts", reading: .appended, platform)
    }

    /// One range of the log. Returns whether there may be more.
    func step() async throws -> Bool {
        guard try await lease.isBehind() else { return false }
        let effects = platform.effects
        let (isMore, outcomes) = try await platform.store.write {
            [lease, catalog] connection -> (Bool, [ReceiptOutcome]) in
            guard let range = try lease.take(rows: Self.logRows, connection) else { return (false, []) }
            let rows = try connection.query(
                """
                SELECT properties FROM event_log WHERE position > \(range.lower) AND position <= \(range.upper)
                    AND kind = 'system' AND name = \(ReceivedCalls.receiptReceived) ORDER BY position
                """)
            var outcomes: [ReceiptOutcome] = []
            for row in rows {
                let text = try row.text(0)
                let outcome = try Self.apply(text, catalog, effects, connection)
                outcomes.append(outcome)
                guard outcome == .early else { continue }
                let now = effects.now().milliseconds
                try connection.execute(
                    """
                    INSERT INTO waiting_receipts (id, receipt, tries, due_ms)
                    VALUES (\(effects.newID()), \(text), 1, \(now + Self.waitMilliseconds))
                    """)
            }
            return (range.hasMore, outcomes)
        }
        count(outcomes)
        return isMore
    }

    /// Whether one is to be tried again; one that waits longer than any was put off before the clock went back.
    private static func isDue(at now: Int64) -> SQL {
        "(due_ms <= \(now) OR due_ms > \(now + waitMilliseconds << waits))"
    }

    /// Those whose messages were not there yet. Returns whether there may be more that is due.
    func retry() async throws -> Bool {
        let effects = platform.effects
        let now = effects.now().milliseconds
        let isDue = try await platform.store.read {
            try $0.first("SELECT 1 FROM waiting_receipts WHERE \(Self.isDue(at: now)) LIMIT 1") != nil
        }
        guard isDue else { return false }
        let outcomes = try await platform.store.write { [catalog] connection -> [ReceiptOutcome] in
            let rows = try connection.query(
                """
                SELECT id, receipt, tries FROM waiting_receipts WHERE \(Self.isDue(at: now)) ORDER BY due_ms, id
                    LIMIT \(Self.waitingRows)\(raw: connection.dialect.forUpdateSkipLocked)
                """)
            return try rows.map { row -> ReceiptOutcome in
                let (id, tries) = (try row.int(0), try row.int(2))
                let outcome = try Self.apply(try row.text(1), catalog, effects, connection)
                if outcome == .early, tries < Self.waits {
                    let due = now + Self.waitMilliseconds << tries
                    try connection.execute(
                        "UPDATE waiting_receipts SET tries = \(tries + 1), due_ms = \(due) WHERE id = \(id)")
                    return .early
                }
                try connection.execute("DELETE FROM waiting_receipts WHERE id = \(id)")
                return outcome == .early ? .stray : outcome
            }
        }
        count(outcomes)
        return outcomes.count == Self.waitingRows
    }

    private static func apply(
        _ text: String, _ catalog: ProviderCatalog, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> ReceiptOutcome {
        let receipt = try StoredDocument.value(ProviderReceipt.self, from: text)
        // A provider that was taken out of the program since.
        guard let provider = catalog.providers.first(where: { $0.name == receipt.provider }) else { return .stray }
        return try MessageProgress.apply(receipt, provider, effects, connection)
    }

    private func count(_ outcomes: [ReceiptOutcome]) {
        for outcome in outcomes {
            platform.metrics.counter(
                "perennial_receipts_total", "Receipts of providers that were taken to their messages.",
                ["outcome": outcome.rawValue]
            ).increment()
        }
    }
}

/// What became of a receipt.
enum ReceiptOutcome: String, Sendable {
    case applied
    /// It said nothing new.
    case known
    /// Its message is not there yet, or still being handed over.
    case early
    /// It is about no message of ours.
    case stray
}
