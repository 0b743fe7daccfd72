import Dispatch
import Foundation
import Storage

/// A PostgreSQL server for tests on a free loopback port, in a temporary folder, ended by a watchdog when the test
/// process ends, however it does. `PERENNIAL_TEST_POSTGRES` names an existing server instead
/// (`postgres://user:password@host:port`), on which the tests make and drop databases of their own.
package final class PostgreSQLServer: Sendable {
    private static let readySecondsMax = 180.0
    private static let starting = SharedServer()

    private let address: String
    private let folder: String?
    private let port: Int
    private let blank: DatabaseShelf
    private let migrated: DatabaseShelf

    private init(address: String, folder: String?, port: Int) {
        self.address = address
        self.folder = folder
        self.port = port
        let make: @Sendable () async throws -> String = { try await Self.createDatabase(on: address) }
        blank = DatabaseShelf(make: make)
        migrated = DatabaseShelf(make: make)
    }

    /// The one server of this test process.
    package static func shared() async throws -> PostgreSQLServer {
        try await starting.server()
    }

    /// A server of the test's own, which it may stop and start again.
    package static func own() async throws -> PostgreSQLServer {
        let folder = try TestFolder.make("postgres")
        let port = try FreePort.find()
        let server = PostgreSQLServer(address: "postgres://postgres@127.0.0.1:\(port)", folder: folder, port: port)
        try await server.initialise()
        try await server.start()
        return server
    }

    fileprivate static func begin() async throws -> PostgreSQLServer {
        if let address = ProcessInfo.processInfo.environment["PERENNIAL_TEST_POSTGRES"], !address.isEmpty {
            try dropDatabasesAfterThisProcess(on: address)
            return PostgreSQLServer(address: address, folder: nil, port: 0)
        }
        return try await own()
    }

    package func url(database: String) -> String {
        "\(address)/\(database)"
    }

    // MARK: Databases

    /// A database for one test. A migrated one may still have to be migrated, and is empty of rows in any case.
    func takeDatabase(migrated isMigrated: Bool) async throws -> String {
        try await (isMigrated ? migrated : blank).take()
    }

    /// Empties a database and keeps it for the next test.
    func giveBack(_ name: String, migrated isMigrated: Bool) async throws {
        try await Self.psql(isMigrated ? Self.emptyTables : Self.dropTables, url(database: name))
        await (isMigrated ? migrated : blank).giveBack(name)
    }

    private static func createDatabase(on address: String) async throws -> String {
        let name = databasePrefix + UUID().uuidString.replacingOccurrences(of: "-", with: "").lowercased().prefix(16)
        try await psql(
            "CREATE DATABASE \(name) ENCODING 'UTF8' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'",
            "\(address)/postgres")
        return name
    }

    /// Tells the databases of this process from those of others on the same server.
    private static let databasePrefix = "perennial_test_\(Watchdog.pid)_"

    /// An existing server outlives the tests, so what they made there has to be dropped after them.
    private static func dropDatabasesAfterThisProcess(on address: String) throws {
        try Watchdog.start(
            """
            while kill -0 \(Watchdog.pid) 2>/dev/null; do sleep 1; done
            echo "SELECT format('DROP DATABASE %I WITH (FORCE)', datname) FROM pg_database
                WHERE starts_with(datname, '\(databasePrefix)') \\gexec" | \(program("psql")) '\(address)/postgres'
            """)
    }

    private static let dropTables = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"

    /// Touches only tables with rows, and starts every numbering again.
    private static let emptyTables = """
        DO $$
        DECLARE
            found BOOLEAN;
            name TEXT;
        BEGIN
            FOR name IN SELECT tablename FROM pg_tables
                WHERE schemaname = 'public' AND tablename <> 'schema_migrations'
            LOOP
                EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', name) INTO found;
                IF found THEN EXECUTE format('TRUNCATE %I', name); END IF;
            END LOOP;
            FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'
            LOOP
                PERFORM setval(quote_ident(name), 1, FALSE);
            END LOOP;
        END $$
        """

    private static func psql(_ statement: String, _ url: String) async throws {
        try await ProgramFailed.unlessSucceeds([
            program("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1",
            "--command=SET client_min_messages = error", "--command=\(statement)", url,
        ])
    }

    // MARK: Life

    /// Starts the server under a watchdog and waits until it answers.
    package func start() async throws {
        guard let folder else { return }
        let options = [
            "-D \(folder)/data", "-p \(port)", "-k \(folder)", "-c listen_addresses=127.0.0.1",
            "-c max_connections=300", "-c shared_buffers=64MB", "-c fsync=off", "-c full_page_writes=off",
            "-c max_wal_size=256MB", "-c autovacuum=off", "-c deadlock_timeout=100ms",
        ].joined(separator: " ")
        let server = (Self.asServerUser + [Self.program("postgres"), options]).joined(separator: " ")
        try Watchdog.start(
            """
            cd '\(folder)'
            \(server) >>'\(folder)/log' 2>&1 &
            server=$!
            while kill -0 \(Watchdog.pid) 2>/dev/null && kill -0 $server 2>/dev/null; do sleep 0.3; done
            kill -QUIT $server 2>/dev/null
            wait $server
            """)
        try await waitUntilReady()
    }

    /// Stops the server at once, as a crash or a restart would, and waits until it is gone.
    package func stop() async throws {
        guard let folder else { return }
        try await run(Self.asServerUser + [Self.program("pg_ctl"), "stop", "-w", "-m", "fast", "-D", "\(folder)/data"])
    }

    private func initialise() async throws {
        guard let folder else { return }
        if !Self.asServerUser.isEmpty { try await run(["/bin/chown", "postgres", folder]) }
        try await run(
            Self.asServerUser + [
                Self.program("initdb"), "--pgdata=\(folder)/data", "--username=postgres", "--auth=trust",
                "--encoding=UTF8", "--locale=C", "--no-sync",
            ])
    }

    private func waitUntilReady() async throws {
        let deadline = DispatchTime.now() + Self.readySecondsMax
        while DispatchTime.now() < deadline {
            do {
                return try await run([Self.program("pg_isready"), "--quiet", "--host=127.0.0.1", "--port=\(port)"])
            } catch is ProgramFailed {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        throw ProgramFailed(program: "postgres", output: "not ready after \(Self.readySecondsMax) s")
    }

    // MARK: Programs

    private static func program(_ name: String) -> String {
        "/usr/lib/postgresql/15/bin/\(name)"
    }

    /// The server refuses to run as root.
    private static var asServerUser: [String] {
        guard getuid() == 0 else { return [] }
        return ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
    }

    private func run(_ command: [String]) async throws {
        try await ProgramFailed.unlessSucceeds(command)
    }
}

/// Starts the shared server once, however many tests ask at the same time.
private actor SharedServer {
    private var starting: Task<PostgreSQLServer, any Error>?

    func server() async throws -> PostgreSQLServer {
        let task = starting ?? Task { try await PostgreSQLServer.begin() }
        starting = task
        return try await task.value
    }
}
