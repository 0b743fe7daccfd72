import Testing

@testable import Storage

@Suite("PostgreSQL placeholders")
struct PostgreSQLPlaceholdersTests {
    @Test(
        "question marks become numbers outside of quotes and comments",
        arguments: [
            ("SELECT ?, ?", "SELECT $1, $2", 2),
            ("SELECT '?', ?", "SELECT '?', $1", 1),
            ("SELECT 'it''s ?', \"a?\", ?", "SELECT 'it''s ?', \"a?\", $1", 1),
            ("SELECT 1 - ? -- really?\n, ?", "SELECT 1 - $1 -- really?\n, $2", 2),
            ("SELECT /* ? * ? */ ?", "SELECT /* ? * ? */ $1", 1),
            ("SELECT '茶?', ? / ?", "SELECT '茶?', $1 / $2", 2),
            ("SELECT 1", "SELECT 1", 0),
        ])
    func numbering(portable: String, numbered: String, count: Int) {
        let result = PostgreSQLPlaceholders.number(portable)
        #expect(result.text == numbered)
        #expect(result.count == count)
    }
}
