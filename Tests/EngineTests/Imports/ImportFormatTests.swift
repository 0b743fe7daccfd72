import Testing

@testable import Engine

@Suite("Dates, amounts and columns of imports")
struct ImportFormatTests {
    private func moment(_ text: String, _ format: DateFormat, zone: String = "Asia/Shanghai") throws -> String? {
        let offsets = try #require(ZoneOffsets(named: zone))
        return DateParser(format: format, zone: offsets).moment(of: text).map { Timestamp(milliseconds: $0).iso8601 }
    }

    @Test(
        "dates are read in every notation that exports use",
        arguments: [
            ("2024-03-01", DateFormat.yearMonthDay, "2024-02-29T16:00:00.000Z"),
            ("2024/3/1 9:05", .yearMonthDay, "2024-03-01T01:05:00.000Z"),
            ("2024-03-01T09:05:06.250+02:00", .yearMonthDay, "2024-03-01T07:05:06.250Z"),
            ("2024-03-01T09:05:06Z", .yearMonthDay, "2024-03-01T09:05:06.000Z"),
            ("2024年3月1日", .yearMonthDay, "2024-02-29T16:00:00.000Z"),
            ("2024年3月1日 下午3点20分", .yearMonthDay, "2024-03-01T07:20:00.000Z"),
            ("2024年12月31日23时59分59秒", .yearMonthDay, "2024-12-31T15:59:59.000Z"),
            ("20240301", .compact, "2024-02-29T16:00:00.000Z"),
            ("20240301093015", .compact, "2024-03-01T01:30:15.000Z"),
            ("1/3/2024", .dayMonthYear, "2024-02-29T16:00:00.000Z"),
            ("01.03.24 08:00", .dayMonthYear, "2024-03-01T00:00:00.000Z"),
            ("3/1/2024 1:30 PM", .monthDayYear, "2024-03-01T05:30:00.000Z"),
            ("1709251200", .epochSeconds, "2024-03-01T00:00:00.000Z"),
            ("1709251200123", .epochMilliseconds, "2024-03-01T00:00:00.123Z"),
            ("45352.5", .spreadsheetDays, "2024-03-01T04:00:00.000Z"),
        ])
    func dates(text: String, format: DateFormat, expected: String) throws {
        #expect(try moment(text, format) == expected)
    }

    @Test(
        "what is no date is none",
        arguments: [
            "", "2024-13-01", "2023-02-29", "2024-03-01x", "2024-03-01 25:00", "yesterday", "2024-3", "0000",
            "2024--1-1",
        ])
    func noDates(text: String) throws {
        #expect(try moment(text, .yearMonthDay) == nil)
    }

    @Test("clock changes are read as documented: a skipped hour with the offset before, a repeated one first")
    func clockChanges() throws {
        #expect(try moment("2024-03-31 02:30", .yearMonthDay, zone: "Europe/Berlin") == "2024-03-31T01:30:00.000Z")
        #expect(try moment("2024-10-27 02:30", .yearMonthDay, zone: "Europe/Berlin") == "2024-10-27T00:30:00.000Z")
        #expect(try moment("2024-07-01 12:00", .yearMonthDay, zone: "Europe/Berlin") == "2024-07-01T10:00:00.000Z")
        #expect(try moment("1997-01-01", .yearMonthDay, zone: "-05:00") == "1997-01-01T05:00:00.000Z")
    }

    @Test("a column decides between day/month and month/day, and is asked about when it cannot")
    func dayOrMonth() {
        #expect(DateFormat.detect(["1/2/2024", "25/2/2024"]) == .found(.dayMonthYear))
        #expect(DateFormat.detect(["1/2/2024", "2/25/2024"]) == .found(.monthDayYear))
        #expect(DateFormat.detect(["1/2/2024", "3/4/2024"]) == .ambiguous(examples: ["1/2/2024", "3/4/2024"]))
        #expect(DateFormat.detect(["2024-01-02"]) == .found(.yearMonthDay))
        #expect(DateFormat.detect(["20240102", "20231231"]) == .found(.compact))
        #expect(DateFormat.detect(["1709251200"]) == .found(.epochSeconds))
        #expect(DateFormat.detect(["1709251200000"]) == .found(.epochMilliseconds))
        #expect(DateFormat.detect(["soon"]) == .unknown(example: "soon"))
    }

    @Test(
        "amounts become exact decimal text",
        arguments: [
            ("29.33", "29.33"), ("¥1,234.50", "1234.50"), ("￥ 1,2345.6", "12345.6"), ("(12.00)", "-12.00"),
            ("-5", "-5"), ("12元", "12"), ("CNY 0012.30", "12.30"), ("$.5", "0.5"), ("1 234", "1234"), ("7.", "7"),
            ("0", "0"), ("0.00", "0.00"), ("+3", "3"), ("15-", "-15"),
        ])
    func amounts(text: String, expected: String) {
        #expect(DecimalText(mark: .point).normalized(text) == expected)
    }

    @Test(
        "what is no amount is none",
        arguments: [
            "", "abc", "1.2.3", "1,23", "12x", "1e5", "NaN", "--1", "A12", "1,,000",
            "9999999999999",
        ])
    func noAmounts(text: String) {
        #expect(DecimalText(mark: .point).normalized(text) == nil)
    }

    @Test("decimal commas are seen in the column")
    func decimalComma() {
        #expect(DecimalMark.detect(["12,50", "1.234,00"]) == .comma)
        #expect(DecimalMark.detect(["1,234.50", "3"]) == .point)
        #expect(DecimalMark.detect(["1,234", "5,678"]) == .point)
        #expect(DecimalText(mark: .comma).normalized("€ 1.234,50") == "1234.50")
    }

    @Test(
        "headers in English and Chinese are recognised",
        arguments: [
            ("客户编号", "user_id"), ("手机号", "phone"), ("下单时间", "time"), ("订单金额（元）", "amount"), ("订单编号", "order_id"),
            ("Customer ID", "user_id"), ("order_date", "time"), ("Total Amount", "amount"), ("E-mail", "email"),
            ("商品名称", "product"), ("数量", "quantity"), ("门店", "store"), ("OpenID", "wechat_openid"),
        ])
    func headers(header: String, field: String) {
        #expect(ColumnSuggestions.field(for: header, kind: .orders)?.word(for: .orders) == field)
    }

    @Test("every word of a mapping reads back as itself", arguments: ImportKind.allCases)
    func words(kind: ImportKind) {
        for word in ImportField.words(for: kind) {
            #expect(ImportField(word: word, kind: kind).word(for: kind) == word)
        }
        #expect(ImportField(word: "trait:time", kind: .profiles) == .custom("time"))
        #expect(ImportField.custom("time").word(for: .profiles) == "trait:time")
    }

    @Test("a mapping may quote columns with commas; a bad one says why")
    func mapping() throws {
        let mapping = try ColumnMapping(parsing: "customer=sid, amount=\"Total, CNY\"")
        #expect(mapping.entries.map(\.column) == ["sid", "Total, CNY"])
        #expect(try ColumnMapping(parsing: mapping.text) == mapping)
        #expect(throws: ImportError.self) { try ColumnMapping(parsing: "customer") }
        #expect(throws: ImportError.self) { try ColumnMapping(parsing: " ") }
    }
}
