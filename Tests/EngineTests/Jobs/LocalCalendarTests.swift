import Testing

@testable import Engine

@Suite("Local calendar")
struct LocalCalendarTests {
    @Test("days begin at local midnight, also where clocks change")
    func days() throws {
        for zone in ["Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo", "Africa/Cairo", "Pacific/Apia", "UTC"] {
            let calendar = try #require(LocalCalendar(timeZone: zone))
            for day in stride(from: Int64(-400), through: 22_000, by: 37) {
                let start = calendar.start(ofDay: day)
                #expect(calendar.day(of: start.adding(milliseconds: -1)) < day)
                if zone != "Pacific/Apia" { #expect(calendar.day(of: start) == day) }
            }
        }
        #expect(LocalCalendar(timeZone: "Mars/Olympus") == nil)
    }

    @Test("dates are read and written as ISO 8601 calendar dates")
    func texts() {
        #expect(LocalCalendar.text(ofDay: 0) == "1970-01-01")
        #expect(LocalCalendar.day(fromText: "2026-11-22") == 20_779)
        for day in stride(from: Int64(-719_000), through: 200_000, by: 997) {
            #expect(LocalCalendar.day(fromText: LocalCalendar.text(ofDay: day)) == day)
        }
        for text in ["2026-02-29", "2026-13-01", "2026-1-1", "", "20261122", "2026-11-22T00:00"] {
            #expect(LocalCalendar.day(fromText: text) == nil)
        }
    }
}
