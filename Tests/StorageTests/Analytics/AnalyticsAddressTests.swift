import Testing

@testable import Storage

/// Addresses of analytics stores.
@Suite("Analytics addresses")
struct AnalyticsAddressTests {
    @Test("a folder, with and without a database")
    func folder() throws {
        #expect(try AnalyticsAddress("chdb:///var/lib/x") == .embedded(folder: "/var/lib/x", database: "perennial"))
        #expect(try AnalyticsAddress("chdb:///a%20b?database=y") == .embedded(folder: "/a b", database: "y"))
    }

    @Test("hosts, credentials, database and cluster; the password is never shown")
    func server() throws {
        let address = try AnalyticsAddress("clickhouse://us:p%40ss@h1:8211,h2/db?cluster=c")
        #expect(
            address
                == .server(
                    .init(hosts: ["h1:8211", "h2:8123"], user: "us", password: "p@ss", database: "db", cluster: "c")))
        #expect(address.shown == "clickhouse://h1:8211,h2:8123/db?cluster=c")
    }

    @Test(
        "what is not understood is refused",
        arguments: [
            "", "chdb", "chdb://relative/x", "chdb:///", "sqlite:///x", "chdb:///x?databse=y", "chdb:///x?database=a-b",
            "clickhouse:///db", "clickhouse://h:0/db", "clickhouse://h:x/db", "clickhouse://h/db?cluster=a'b",
        ])
    func refused(_ url: String) {
        #expect(throws: StorageError.self) { try AnalyticsAddress(url) }
    }
}
