import Storage

extension AnalyticsStore {
    /// Brings the tables to the shipped schema, one process at a time: servers before ClickHouse 19 hold up every later
    /// change of a schema when two replicas fail at the same one at once.
    ///
    /// Returns the versions that were applied now.
    @discardableResult
    package func migrate(
        turnsIn store: any OperationalStore, effects: Effects = .live, leaseMilliseconds: Int64? = nil
    ) async throws -> [Int] {
        var turn = SchemaTurn(store: store, effects: effects)
        turn.leaseMilliseconds = leaseMilliseconds ?? turn.leaseMilliseconds
        return try await turn.run {
            try await migrate(SchemaFiles.analytics())
        }
    }
}

/// The turn to change the analytics schema, kept in the operational store. A process that dies loses it after a while.
struct SchemaTurn {
    private static let name = "analytics schema"
    static let usualLeaseMilliseconds: Int64 = 15_000
    private static let renewal = Duration.seconds(4)
    private static let pause = Duration.milliseconds(100)

    let store: any OperationalStore
    let effects: Effects
    /// How long the turn of a process that no longer says so is kept.
    var leaseMilliseconds = usualLeaseMilliseconds
    private let owner: String

    init(store: any OperationalStore, effects: Effects) {
        self.store = store
        self.effects = effects
        owner = String(effects.newID())
    }

    /// Waits for the turn, and keeps it while `body` runs.
    func run<T: Sendable>(_ body: () async throws -> T) async throws -> T {
        while try await !take() { try await Task.sleep(for: Self.pause) }
        let renewing = Task {
            while !Task.isCancelled {
                try await Task.sleep(for: Self.renewal)
                do { _ = try await take() } catch is StorageError {
                    // Tried again: the store may be busy, and the lease outlasts several renewals.
                    continue
                }
            }
        }
        let result: Result<T, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        renewing.cancel()
        _ = await renewing.result
        try await giveBack()
        return try result.get()
    }

    /// Takes a turn that is free, was let go by a dead process, or is ours already; one that ends later than any does was
    /// taken before the clock went back. Whether it is ours now.
    func take() async throws -> Bool {
        let now = effects.now().milliseconds
        let (name, owner, expiry) = (Self.name, owner, now + leaseMilliseconds)
        let latest = now + 2 * max(leaseMilliseconds, Self.usualLeaseMilliseconds)
        return try await store.write { connection in
            try connection.execute(
                """
                INSERT INTO turns (name, owner, expires_ms) VALUES (\(name), \(owner), \(expiry)) \
                ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires_ms = excluded.expires_ms \
                WHERE turns.owner = excluded.owner OR turns.expires_ms < \(now) OR turns.expires_ms > \(latest)
                """) == 1
        }
    }

    func giveBack() async throws {
        let (name, owner) = (Self.name, owner)
        _ = try await store.write { connection in
            try connection.execute("DELETE FROM turns WHERE name = \(name) AND owner = \(owner)")
        }
    }
}
