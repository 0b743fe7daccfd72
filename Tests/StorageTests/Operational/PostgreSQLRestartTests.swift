import Storage
import Synchronization
import TestSupport
import Testing

@Suite("PostgreSQL restarts", .serialized)
struct PostgreSQLRestartTests {
    @Test("idle connections that died are replaced, a transaction in flight fails, waiting ones go through")
    func restart() async throws {
        let server = try await PostgreSQLServer.own()
        let options = TestDatabase.testOptions
        let store = try await openOperationalStore(server.url(database: "postgres"), options: options)
        try await store.migrate([Things.migration])

        // Several connections get known, then lie idle over the restart.
        try await withThrowingTaskGroup(of: Int64.self) { group in
            for _ in 0..<8 { group.addTask { try await store.read { try Things.count($0) } } }
            try await group.waitForAll()
        }
        try await server.stop()
        try await server.start()
        for _ in 0..<8 { #expect(try await store.read { try Things.count($0) } == 0) }

        let (started, startedSignal) = AsyncStream.makeStream(of: Void.self)
        let gate = Gate()
        async let inFlight: Void = store.write { connection in
            try connection.executeMany(Things.insert, Things.rows(0..<10))
            startedSignal.yield()
            gate.wait()
            try connection.executeMany(Things.insert, Things.rows(10..<20))
        }
        for await _ in started { break }
        try await server.stop()
        gate.open()
        do {
            try await inFlight
            Issue.record("a transaction survived the end of its server")
        } catch StorageError.unavailable(let message) {
            #expect(!message.isEmpty)
        }

        // One that begins while the server is away waits for it.
        async let waiting: Void = store.write { _ = try $0.executeMany(Things.insert, Things.rows(0..<3)) }
        try await Task.sleep(for: .milliseconds(200))
        try await server.start()
        try await waiting
        #expect(try await store.read { try Things.count($0) } == 3)
        await store.close()
        try await server.stop()
    }

    @Test("a commit that gets no answer is reported as such and not run again")
    func ambiguousCommit() async throws {
        try await TestDatabase.with(.postgresql, migrated: false) { store in
            try await store.migrate([Things.migration])
            try await store.write { connection in
                try connection.execute(
                    """
                    CREATE FUNCTION hang_up() RETURNS TRIGGER LANGUAGE plpgsql AS
                    'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'
                    """)
                try connection.execute(
                    """
                    CREATE CONSTRAINT TRIGGER hangs_up AFTER INSERT ON things DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION hang_up()
                    """)
            }
            let runs = Mutex(0)
            do {
                try await store.write { connection in
                    runs.withLock { $0 += 1 }
                    try connection.executeMany(Things.insert, Things.rows(0..<3))
                }
                Issue.record("a commit without an answer passed for one")
            } catch StorageError.unavailable(let message) {
                #expect(message.contains("COMMIT"))
            }
            #expect(runs.withLock { $0 } == 1)
            let found = try await store.read { try Things.count($0) }
            #expect(found == 0)
        }
    }

    @Test("a server that is not there is reported without the password")
    func absent() async throws {
        let port = try FreePort.find()
        do {
            _ = try await openOperationalStore("postgres://reader:top-secret@127.0.0.1:\(port)/perennial")
            Issue.record("nobody answered, and yet it opened")
        } catch StorageError.unavailable(let message) {
            #expect(message.contains("\(port)"))
            #expect(!message.contains("top-secret"))
        }
    }

    @Test("a server that stays away is given up in time")
    func givenUp() async throws {
        let server = try await PostgreSQLServer.own()
        let options = OperationalStoreOptions(connectionsMax: 2, statementTimeoutSeconds: 60, waitSeconds: 0.5)
        let store = try await openOperationalStore(server.url(database: "postgres"), options: options)
        try await server.stop()
        do {
            _ = try await store.read { try $0.query("SELECT 1") }
            Issue.record("a stopped server answered")
        } catch StorageError.unavailable(let message) {
            #expect(!message.isEmpty)
        }
        await store.close()
    }
}
