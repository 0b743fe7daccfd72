import Testing

@testable import Engine

@Suite("What the log forgets")
struct LogRetentionTests {
    private let day = Timestamp.millisecondsPerDay

    @Test("is bounded by the last mark that is old enough")
    func boundary() {
        let marks = (0..<10).map { LogRetention.Mark(at: Timestamp(milliseconds: $0 * day), position: $0 * 100) }
        let now = Timestamp(milliseconds: 9 * day)
        #expect(LogRetention.boundary(marks, olderThanDays: 2, now: now) == 700)
        #expect(LogRetention.boundary(marks, olderThanDays: 9, now: now) == 0)
        #expect(LogRetention.boundary([], olderThanDays: 2, now: now) == 0)
    }
}
