import Testing

@testable import Storage

/// Rendering of schema statements.
@Suite("Analytics DDL")
struct AnalyticsDDLTests {
    private let embedded = AnalyticsDDL(database: "db", target: .embedded)
    private let cluster = AnalyticsDDL(
        database: "db", target: .cluster(name: "c", ClickHouseVersion("18.16.1")))
    private let create = """
        CREATE TABLE t (id UInt64, k {LC})
        ENGINE = {ReplacingMergeTree(ver)} ORDER BY id SHARD BY intHash64(id)
        """

    @Test("a table is plain in a folder, and remembers and syncs its loads")
    func plain() throws {
        #expect(
            try embedded.render(create) == [
                """
                CREATE TABLE IF NOT EXISTS `db`.`t` (id UInt64, k LowCardinality(String))
                ENGINE = ReplacingMergeTree(ver) ORDER BY id  SETTINGS index_granularity = 8192, \
                non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1, \
                min_rows_to_fsync_after_merge = 1, min_compressed_bytes_to_fsync_after_merge = 1
                """
            ])
    }

    @Test("a table is replicated and distributed on a cluster")
    func distributed() throws {
        #expect(
            try cluster.render(create) == [
                """
                CREATE TABLE IF NOT EXISTS `db_local`.`t` ON CLUSTER `c` (id UInt64, k String)
                ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/db/t', '{replica}', ver) \
                ORDER BY id  SETTINGS index_granularity = 8192, replicated_deduplication_window = 1000
                """,
                """
                CREATE TABLE IF NOT EXISTS `db`.`t` ON CLUSTER `c` AS `db_local`.`t` \
                ENGINE = Distributed(`c`, `db_local`, `t`, intHash64(id))
                """,
            ])
    }

    @Test("a cluster wants a sharding key")
    func noKey() {
        #expect(throws: StorageError.self) { try cluster.render("CREATE TABLE t (id UInt64) ENGINE = {MergeTree}") }
    }

    @Test("changes reach the rows, or both tables")
    func tokens() throws {
        #expect(
            try cluster.render("ALTER TABLE {data t} DELETE WHERE k = '{data t}'") == [
                "ALTER TABLE `db_local`.`t` ON CLUSTER `c` DELETE WHERE k = '{data t}'"
            ])
        #expect(
            try cluster.render("ALTER TABLE {each t} DROP COLUMN k") == [
                "ALTER TABLE `db_local`.`t` ON CLUSTER `c` DROP COLUMN k",
                "ALTER TABLE `db`.`t` ON CLUSTER `c` DROP COLUMN k",
            ])
        #expect(try embedded.render("ALTER TABLE {each t} DROP COLUMN k") == ["ALTER TABLE `db`.`t` DROP COLUMN k"])
    }

    @Test("a file is cut at line ends, comments are dropped, quotes respected")
    func split() throws {
        let file = "-- one; two\nSELECT ';\\'';\n\n  -- x\nSELECT 2\n  ;\n"
        #expect(AnalyticsDDL.split(file) == ["SELECT ';\\''", "\nSELECT 2\n  "])
    }
}
