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

    @Test("a local time is when clocks show it, also on days on which they change")
    func moments() throws {
        let calendar = try #require(LocalCalendar(timeZone: "America/New_York"))
        for (local, moment) in [
            ("2026-03-08T01:30", "2026-03-08T06:30:00Z"), ("2026-03-08T08:00", "2026-03-08T12:00:00Z"),
            // Clocks go from 02:00 to 03:00.
            ("2026-03-08T02:00", "2026-03-08T07:00:00Z"), ("2026-03-08T02:30", "2026-03-08T07:30:00Z"),
            // Shown twice: the first time counts.
            ("2026-11-01T01:30", "2026-11-01T05:30:00Z"), ("2026-11-01T08:00", "2026-11-01T13:00:00Z"),
            ("2026-11-02T08:00", "2026-11-02T13:00:00Z"), ("2026-07-01T00:00", "2026-07-01T04:00:00Z"),
        ] {
            let expected = try #require(Timestamp(iso8601: moment))
            #expect(Timestamp(iso8601: local, zone: calendar) == expected, "\(local)")
        }
        let lordHowe = try #require(LocalCalendar(timeZone: "Australia/Lord_Howe"))
        for day in ["2026-04-05", "2026-10-04", "2026-10-05"] {
            let number = try #require(LocalCalendar.day(fromText: day))
            for hour in Int64(3)..<24 { #expect(lordHowe.hour(of: lordHowe.moment(ofDay: number, hour: hour)) == hour) }
        }
    }

    @Test("a calendar that knows days by heart tells the same as the zone, on those days and on others")
    func remembering() throws {
        let zones = [
            "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "UTC",
        ]
        for zone in zones {
            let calendar = try #require(LocalCalendar(timeZone: zone))
            // Apia had no 30 December 2011 (day 15,338).
            let knowing = calendar.remembering(15_000...16_000)
            #expect(knowing == calendar && knowing.hashValue == calendar.hashValue)
            let others = (Int64(14_990)...16_010).filter { day in
                let isSame = (Int64(0)..<24).allSatisfy { hour in
                    let moment = Timestamp(seconds: day * 86_400 + hour * 3_600 + 1_799)
                    return knowing.day(of: moment) == calendar.day(of: moment)
                        && knowing.hour(of: moment) == calendar.hour(of: moment)
                        && knowing.moment(ofDay: day, hour: hour) == calendar.moment(ofDay: day, hour: hour)
                }
                return !isSame || knowing.start(ofDay: day) != calendar.start(ofDay: day)
            }
            #expect(others == [], "\(zone)")
        }
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
