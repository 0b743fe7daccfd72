/// The most that is given: `{"per": "member", "period": "day", "points": 100}`, `{"per": "member", "times": 1}`.
///
/// What was given counts, whether or not a return took it back later: so buying and giving back opens no cap again.
package struct EarningCap: Sendable, Hashable {
    package enum Scope: String, Sendable, CaseIterable {
        /// One order or event.
        case event
        case member
        /// All members together.
        case all
    }

    package enum Period: String, Sendable, CaseIterable {
        case day, week, month, year, ever

        /// Tells the period that a day of the workspace lies in; weeks begin on Monday.
        package func key(_ day: Int64) -> String {
            switch self {
            case .ever: return "ever"
            case .day: return LocalCalendar.text(ofDay: day)
            // 1970-01-01 was a Thursday.
            case .week: return "week " + LocalCalendar.text(ofDay: day - (((day + 3) % 7) + 7) % 7)
            case .month: return String(LocalCalendar.text(ofDay: day).prefix(7))
            case .year: return String(LocalCalendar.text(ofDay: day).prefix(4))
            }
        }
    }

    package var scope: Scope
    package var period: Period
    package var points: Int64?
    package var times: Int64?

    package init(_ scope: Scope, _ period: Period = .ever, points: Int64? = nil, times: Int64? = nil) {
        self.scope = scope
        self.period = period
        self.points = points
        self.times = times
    }

    init(_ reader: CriteriaReader, finishing: Bool = true) {
        scope = reader.choice("per") ?? .member
        period = reader.choice("period", orElse: .ever) ?? .ever
        points = reader.has("points") ? reader.whole("points", in: 1...EarningLimits.totalPoints) : nil
        times = reader.has("times") ? reader.whole("times", in: 1...EarningLimits.totalPoints) : nil
        if points == nil, times == nil { reader.note("points", .missing("points")) }
        if scope == .event, times != nil { reader.note("times", .unknownField("times")) }
        if scope == .event, period != .ever { reader.note("period", .unknownField("period")) }
        if finishing { reader.finish() }
    }

    package var json: [String: JSONValue] {
        var members: [String: JSONValue] = ["per": .string(scope.rawValue)]
        if period != .ever { members["period"] = .string(period.rawValue) }
        if let points { members["points"] = .integer(points) }
        if let times { members["times"] = .integer(times) }
        return members
    }

    package func words(_ language: CriteriaLanguage) -> String {
        let who: String
        switch scope {
        case .event: who = language("每次", "at once")
        case .member: who = language("每位会员", "a member")
        case .all: who = language("全体会员合计", "all members together")
        }
        let span: String
        switch period {
        case .ever: span = scope == .event ? "" : language("累计", " ever")
        case .day: span = language("每日", " a day")
        case .week: span = language("每周", " a week")
        case .month: span = language("每月", " a month")
        case .year: span = language("每年", " a year")
        }
        let most = [
            points.map { language("\(GroupedNumber.whole($0)) 分", Self.most($0, "point")) },
            times.map { language("\(GroupedNumber.whole($0)) 次", Self.most($0, "time")) },
        ].compactMap(\.self).joined(separator: language("、", " and "))
        return language("\(who)\(span)至多 \(most)", "at most \(most) \(who)\(span)")
    }

    private static func most(_ count: Int64, _ noun: String) -> String {
        "\(GroupedNumber.whole(count)) \(EnglishCount.noun(count, noun))"
    }
}

/// A count that a cap is held against: who (0: all members), which rule (empty: all rules), which period.
package struct EarningUse: Sendable, Hashable, Comparable {
    package var account: Int64
    package var rule: String
    package var currency: String
    package var period: String

    package init(account: Int64, rule: String, currency: String, period: String) {
        self.account = account
        self.rule = rule
        self.currency = currency
        self.period = period
    }

    package static func < (left: EarningUse, right: EarningUse) -> Bool {
        (left.account, left.rule, left.currency, left.period)
            < (right.account, right.rule, right.currency, right.period)
    }

    /// The counts that are no counts: how a streak stands (points: the last day, times: how many in a row).
    package static let streakPeriod = "streak"
    /// What a rule gives for only once.
    package static func once(_ what: String) -> String {
        "once " + (what.utf8.count > 64 ? String(Digest.sha256(Array(what.utf8)).prefix(40)) : what)
    }
}

/// What was given so far, as far as caps ask, and what changed.
package struct EarningUses: Sendable, Equatable {
    package struct Count: Sendable, Equatable {
        package var points: Int64 = 0
        package var times: Int64 = 0

        package init(points: Int64 = 0, times: Int64 = 0) {
            self.points = points
            self.times = times
        }
    }

    package private(set) var counts: [EarningUse: Count]
    package private(set) var changed: Set<EarningUse> = []

    package init(_ counts: [EarningUse: Count] = [:]) {
        self.counts = counts
    }

    /// The counts over all members alone.
    var shared: EarningUses { EarningUses(counts.filter { $0.key.account == 0 }) }

    package subscript(_ use: EarningUse) -> Count {
        counts[use] ?? Count()
    }

    mutating func add(_ points: Int64, to use: EarningUse) {
        counts[use, default: Count()].points += points
        counts[use, default: Count()].times += 1
        changed.insert(use)
    }

    mutating func set(_ use: EarningUse, points: Int64, times: Int64) {
        counts[use] = Count(points: points, times: times)
        changed.insert(use)
    }
}

/// Bounds of earning rules.
package enum EarningLimits {
    package static let rules = 100
    package static let groups = 20
    package static let conditions = 12
    package static let caps = 10
    package static let steps = 10
    /// Of one award.
    package static let points: ClosedRange<Int64> = 1...1_000_000_000
    package static let totalPoints: Int64 = 1_000_000_000_000_000
    package static let idBytes = 40
    package static let nameCharacters = 80
    package static let priorities: ClosedRange<Int64> = -1_000...1_000
}
