import Foundation
import TestSupport
import Testing

@testable import Engine

/// The short ways of reading values give what the long ways give.
@Suite("Values as conditions see them")
struct CriteriaValueTests {
    @Test("texts are folded alike, whatever they are made of")
    func folding() {
        let letters = [
            "茶", "龍", "A", "z", " ", "\t", "\u{3000}", "é", "e\u{301}", "Ｑ", "ǅ", "-", "が", "か\u{3099}", "鿿", "一",
        ]
        var random = SeededGenerator(seed: 5)
        for _ in 0..<4_000 {
            let text = (0..<Int.random(in: 0...7, using: &random))
                .map { _ in letters.randomElement(using: &random) ?? "" }.joined()
            let long = text.lowercased().precomposedStringWithCanonicalMapping
                .trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(Array(CriteriaValue.folded(text).utf8) == Array(long.utf8), "\(text)")
        }
        #expect(CriteriaValue.folded(String(repeating: "茶", count: 100)).utf8.count == 255)
    }

    @Test("an anniversary comes when the list of its days says so")
    func anniversaries() throws {
        let calendar = try #require(LocalCalendar(timeZone: "UTC"))
        let start = try #require(LocalCalendar.day(fromText: "2026-12-01"))
        for offset in stride(from: Int64(0), to: 1_200, by: 7) {
            let clock = CriteriaClock(
                now: Timestamp(milliseconds: (start + offset) * 86_400_000), calendar: calendar)
            for days in [Int64(0), 1, 7, 60] {
                let listed = Set(DateTest.anniversaries(days, clock))
                let passing = (0...1231).filter { DateTest.returns(Int64($0), within: days, clock) }
                let real = passing.filter { (1...31).contains($0 % 100) && $0 % 100 <= Self.longest($0 / 100) }
                #expect(Set(real.map { Int64($0) }) == listed, "\(offset) \(days)")
            }
        }
    }

    private static func longest(_ month: Int) -> Int {
        [4, 6, 9, 11].contains(month) ? 30 : month == 2 ? 29 : 31
    }

    @Test(
        "days are numbers of their year, month and day",
        arguments: ["1970-01-01", "2024-02-29", "1899-12-31", "2400-03-01"])
    func dates(text: String) throws {
        let day = try #require(LocalCalendar.day(fromText: text))
        #expect(String(CriteriaValue.date(ofDay: day)) == text.split(separator: "-").joined())
        #expect(LocalCalendar.text(ofDay: day) == text)
    }
}
