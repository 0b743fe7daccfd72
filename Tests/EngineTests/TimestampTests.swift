import Engine
import Testing

@Suite("Times as text") struct TimestampTests {
    @Test(
        "reads the forms that SDKs write",
        arguments: [
            ("2026-01-02", 1_767_312_000_000), ("2026-01-02T03:04:05Z", 1_767_323_045_000),
            ("2026-01-02 03:04:05.6", 1_767_323_045_600), ("2026-01-02T03:04:05.678901234+08:00", 1_767_294_245_678),
            ("2026-01-02T03:04", 1_767_323_040_000), ("2026-11-22T17:01:48.062659+00:00", 1_795_366_908_062),
            ("2026-01-02T03:04:05-0530", 1_767_342_845_000), ("2024-02-29T00:00:00Z", 1_709_164_800_000),
            ("1969-12-31T23:59:59.999Z", -1), ("2016-12-31T23:59:60Z", 1_483_228_799_000),
            ("2026-01-02T03:04:05,5+08", 1_767_294_245_500),
        ] as [(String, Int64)])
    func reads(text: String, milliseconds: Int64) {
        #expect(Timestamp(iso8601: text)?.milliseconds == milliseconds)
    }

    @Test("time since a moment is never negative: a clock that went back makes nothing wait")
    func elapsed() {
        let moment = Timestamp(milliseconds: 5_000)
        #expect(Timestamp(milliseconds: 7_000).elapsedMilliseconds(since: moment) == 2_000)
        #expect(Timestamp(milliseconds: 1_000).elapsedMilliseconds(since: moment) == 4_000)
        #expect(moment.elapsedMilliseconds(since: moment) == 0)
    }

    @Test(
        "refuses what is no time",
        arguments: [
            "", "2026", "2026-13-01", "2026-02-29", "2025-02-29T00:00:00Z", "2026-01-02T24:00:00Z",
            "2026-01-02T03:60:00Z",
            "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05.1234567890Z", "2026-01-02T03:04:05+25:00", "2026-01-02T",
            "2026-01-02T03:04:05Zx", "02/01/2026", "２０２６-01-02", "2026-1-2",
        ])
    func refuses(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }

    @Test("a time without an offset is read in the zone given")
    func zone() throws {
        let shanghai = try #require(LocalCalendar(timeZone: "Asia/Shanghai"))
        #expect(Timestamp(iso8601: "2026-01-02 03:04:05.6", zone: shanghai)?.milliseconds == 1_767_294_245_600)
        #expect(Timestamp(iso8601: "2026-01-02", zone: shanghai)?.iso8601 == "2026-01-01T16:00:00.000Z")
    }

    @Test(
        "is written in UTC with milliseconds and read back", arguments: [0, -1, 1_795_366_908_062, 253_402_300_799_999])
    func roundTrip(milliseconds: Int64) {
        let moment = Timestamp(milliseconds: milliseconds)
        #expect(Timestamp(iso8601: moment.iso8601) == moment)
    }

    @Test("is written with the day as calendars write it, in any year")
    func days() {
        for day in stride(from: Int64(-1_000_000), through: 4_000_000, by: 997) {
            let text = Timestamp(milliseconds: day * Timestamp.millisecondsPerDay + 3_723_004).iso8601
            #expect(text == LocalCalendar.text(ofDay: day) + "T01:02:03.004Z")
        }
    }

    @Test("a client's clock is corrected by what it says at sending")
    func correction() {
        let received = Timestamp(seconds: 1_000_000)
        let corrected = ClockCorrection.time(
            original: Timestamp(seconds: 500_000), sentAt: Timestamp(seconds: 500_030), receivedAt: received)
        #expect(corrected == Timestamp(seconds: 999_970))
        #expect(ClockCorrection.time(original: nil, sentAt: nil, receivedAt: received) == received)
        #expect(
            ClockCorrection.time(original: Timestamp(seconds: 7), sentAt: nil, receivedAt: received)
                == Timestamp(seconds: 7))
        let absurd = ClockCorrection.time(
            original: Timestamp(milliseconds: .min), sentAt: Timestamp(milliseconds: .max), receivedAt: received)
        #expect(!ClockCorrection.isBelievable(absurd, receivedAt: received))
    }
}
