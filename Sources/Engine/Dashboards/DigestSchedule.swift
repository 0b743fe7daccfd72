/// When a dashboard is composed as a digest, and whom it is for.
package struct DigestSchedule: Sendable, Codable, Equatable {
    package enum Cadence: String, Sendable, Codable, CaseIterable {
        case daily, weekly, monthly
    }

    package enum Flaw: String, Error, Sendable {
        case hour, weekday, day, recipients, address
    }

    package var cadence: Cadence
    /// Of the workspace's clocks.
    package var hour: Int
    /// 1 Monday … 7 Sunday; of weekly ones.
    package var weekday: Int
    /// Of the month, up to the last that every month has; of monthly ones.
    package var day: Int
    /// Addresses, each once.
    package var recipients: [String]

    package static let recipientsMax = 50
    package static let dayMax = 28
    private static let addressBytes = 254

    package init(cadence: Cadence, hour: Int = 8, weekday: Int = 1, day: Int = 1, recipients: [String] = []) {
        self.cadence = cadence
        self.hour = hour
        self.weekday = weekday
        self.day = day
        self.recipients = recipients
    }

    /// Throws: `Flaw`.
    func check() throws(Flaw) {
        guard (0...23).contains(hour) else { throw .hour }
        guard (1...7).contains(weekday) else { throw .weekday }
        guard (1...Self.dayMax).contains(day) else { throw .day }
        guard recipients.count <= Self.recipientsMax else { throw .recipients }
        guard recipients.allSatisfy(Self.isAddress) else { throw .address }
    }

    /// Something on either side of one @, a dot behind it, no blanks. Whether it takes mail only mail can tell.
    static func isAddress(_ text: String) -> Bool {
        let sides = text.split(separator: "@", omittingEmptySubsequences: false)
        let isPlain = text.unicodeScalars.allSatisfy {
            $0.value > 0x20 && $0.value != 0x7F && !",;<>\"".contains(Character($0))
        }
        return isPlain && text.utf8.count <= addressBytes && sides.count == 2 && !sides[0].isEmpty
            && sides[1].contains(".") && !sides[1].hasPrefix(".") && !sides[1].hasSuffix(".")
    }

    /// The days that the digest tells of, when it is composed on this one: yesterday, seven days, the month before.
    package func period(on today: Int64) -> ReportPeriod {
        switch cadence {
        case .daily: return ReportPeriod(days: 1, through: today - 1)
        case .weekly: return ReportPeriod(days: 7, through: today - 1)
        case .monthly:
            let month = ReportStep.month.step(ofDay: today) - 1
            return ReportStep.month.days(month)
        }
    }

    /// The first time after a moment at which it falls due.
    package func next(after moment: Timestamp, _ calendar: LocalCalendar) -> Timestamp {
        var day = calendar.day(of: moment)
        // Within 62 days there is one of every kind.
        for _ in 0..<62 {
            let due = due(on: day, calendar)
            if falls(on: day), due > moment { return due }
            day += 1
        }
        return due(on: day, calendar)
    }

    /// When clocks show the hour; where a change of clocks skips it, the moment after the change.
    private func due(on day: Int64, _ calendar: LocalCalendar) -> Timestamp {
        let elapsed = calendar.start(ofDay: day).milliseconds + Int64(hour) * Self.hourMilliseconds
        let shown = calendar.hour(of: Timestamp(milliseconds: elapsed))
        let shift = Int64(hour) - shown
        guard shift != 0, abs(shift) < 3 else { return Timestamp(milliseconds: elapsed) }
        let moved = Timestamp(milliseconds: elapsed + shift * Self.hourMilliseconds)
        return calendar.hour(of: moved) == Int64(hour) ? moved : Timestamp(milliseconds: elapsed)
    }

    private static let hourMilliseconds: Int64 = 3_600_000

    private func falls(on day: Int64) -> Bool {
        switch cadence {
        case .daily: true
        // Day 0 was a Thursday.
        case .weekly: (day + 3) % 7 + 1 == Int64(weekday)
        case .monthly: Int64(LocalCalendar.text(ofDay: day).suffix(2)) == Int64(self.day)
        }
    }
}
