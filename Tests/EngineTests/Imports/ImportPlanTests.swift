import CZlib
import Foundation
import Testing

@testable import Engine

@Suite("Looking at a file before importing it")
struct ImportPlanTests {
    private let orders = ImportOptions(kind: .orders)

    @Test("Chinese headers in GB18030 with tabs are understood without a word")
    func chinese() throws {
        let text = "客户编号\t手机号\t下单时间\t实付金额\n甲001\t13800138000\t2024年3月1日 9:30\t￥1,280.50\n"
        let path = try ImportFixtures.file(try GB18030Text.encode(text))
        let plan = try ImportPlanner.plan(path: path, options: orders, now: ImportFixtures.now)
        #expect(plan.encoding == .gb18030)
        #expect(plan.delimiter == "\t")
        #expect(plan.problems.isEmpty)
        let event = try #require(plan.preview.first)
        #expect(event.identities.map(\.value) == ["甲001", "13800138000"])
        #expect(event.time.iso8601 == "2024-03-01T01:30:00.000Z")
        #expect(event.properties.contains("\"revenue\":1280.5"))
    }

    @Test("delimiters are detected", arguments: [",", ";", "\t", "|"])
    func delimiters(delimiter: String) throws {
        let rows = [["customer_id", "date", "amount"], ["1", "2024-01-01", "5,50"], ["2", "2024-01-02", "7"]]
        let byte = try #require(delimiter.utf8.first)
        let text = rows.map { CSVText.row($0, delimiter: byte) }.joined(separator: "\n")
        let plan = try ImportFixtures.plan(text, orders)
        #expect(plan.delimiter == delimiter)
        #expect(plan.columns.map(\.name) == rows[0])
        #expect(plan.decimalMark == .comma)
    }

    @Test("a byte order mark is no part of the first header; UTF-16 is converted")
    func marks() throws {
        let text = "customer_id,date,amount\n甲,2024-01-01,5\n"
        let marked = try ImportPlanner.plan(
            path: try ImportFixtures.file([0xEF, 0xBB, 0xBF] + Array(text.utf8)), options: orders,
            now: ImportFixtures.now)
        #expect(marked.columns[0].name == "customer_id")
        var wide: [UInt8] = [0xFF, 0xFE]
        for unit in text.utf16 { wide += [UInt8(unit & 255), UInt8(unit >> 8)] }
        let plan = try ImportPlanner.plan(
            path: try ImportFixtures.file(wide), options: orders, now: ImportFixtures.now)
        #expect(plan.encoding == .utf16LittleEndian)
        #expect(plan.preview.first?.identities.first?.value == "甲")
        let unmarked = try ImportPlanner.plan(
            path: try ImportFixtures.file(Array(wide.dropFirst(2))), options: orders, now: ImportFixtures.now)
        #expect(unmarked.encoding == .utf16LittleEndian)
    }

    @Test("what is missing or unclear is a question, not a guess")
    func questions() throws {
        let missing = try ImportFixtures.plan("n,date,amount\n1,2024-01-01,5\n", orders)
        #expect(missing.problems.map(\.code) == ["missing_fields"])
        let ambiguous = try ImportFixtures.plan("customer,date,amount\n1,1/2/2024,5\n", orders)
        #expect(ambiguous.problems.map(\.code) == ["ambiguous_date"])
        let settled = try ImportFixtures.plan(
            "customer,date,amount\n1,1/2/2024,5\n", ImportOptions(kind: .orders, dateFormat: .dayMonthYear))
        #expect(settled.preview.first?.time.iso8601 == "2024-01-31T16:00:00.000Z")
        let unknown = try ImportFixtures.plan(
            "a,date,amount\n1,2024-01-01,5\n",
            ImportOptions(kind: .orders, mapping: try ColumnMapping(parsing: "customer=b,time=date,amount=amount")))
        #expect(unknown.problems.map(\.code) == ["unknown_column"])
    }

    @Test("files that are no table are refused with a reason")
    func hostile() throws {
        func code(_ bytes: [UInt8]) -> String? {
            do {
                let path = try ImportFixtures.file(bytes)
                _ = try ImportPlanner.plan(path: path, options: orders, now: ImportFixtures.now)
                return nil
            } catch { return (error as? ImportError)?.code }
        }
        #expect(code([]) == "empty")
        #expect(code(Array("\n\n  \n".utf8)) == "empty")
        #expect(code((0..<4_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }) == "not_text")
        #expect(code(Array("[{\"a\":1}]".utf8)) == "not_text")
        #expect(code([0x1F, 0x8B, 8, 0, 0]) == "truncated_gzip")
        #expect(code([0x1F, 0x8B] + [UInt8](repeating: 0x55, count: 100)) == "corrupt_gzip")
        #expect(throws: ImportError.self) {
            try ImportPlanner.plan(path: "/nonexistent/file.csv", options: orders, now: ImportFixtures.now)
        }
    }

    @Test("a table of a header only is a plan without rows")
    func headerOnly() throws {
        let plan = try ImportFixtures.plan("customer_id,date,amount\n", orders)
        #expect(plan.problems.isEmpty)
        #expect(plan.sampledRows == 0)
        #expect(plan.preview.isEmpty)
    }

    @Test("gzip is read member by member; a cut one is told, a bomb is stopped")
    func gzip() async throws {
        let head = Array("customer_id,date,amount\n1,2024-01-01,5\n".utf8)
        let tail = Array("2,2024-01-02,6\n".utf8)
        let two = try GzipText.compress(head) + GzipText.compress(tail)
        let whole = try await ImportFixtures.events(path: try ImportFixtures.file(two, named: "a.csv.gz"), orders)
        #expect(whole.events.count == 2)
        #expect(throws: ImportError.self) {
            let path = try ImportFixtures.file(Array(two.dropLast(6)))
            _ = try ImportPlanner.plan(path: path, options: orders, now: ImportFixtures.now)
        }
        let bomb = try GzipText.compress(head + [UInt8](repeating: 0x20, count: 100 * 1024 * 1024))
        await #expect(throws: ImportError.self) {
            _ = try await ImportFixtures.events(path: try ImportFixtures.file(bomb), orders)
        }
    }
}
