/// From when what a rule gives may be spent and when it lapses, where it is not as the currency says.
package struct EarningTerms: Sendable, Equatable {
    /// Whole days after the day of the fact until it can be spent.
    package var pendingDays: Int64?
    /// An event of the same order that releases it: `Order Delivered`.
    package var pendingEvent: String?
    /// Whole days after the day of the fact that it lasts.
    package var expiryDays: Int64?
    /// The last day on which it lasts.
    package var expiryDay: Int64?

    private static let days: ClosedRange<Int64> = 0...Int64(PointsLimits.daysMax)

    package init() {}

    /// Reads `{"pending": {"days": 15}, "expires": {"days": 90}}` out of a rule's own fields.
    init(_ reader: CriteriaReader) {
        if let own = reader.child("pending") {
            if own.has("event") {
                pendingEvent = own.text("event")
            } else {
                pendingDays = own.whole("days", in: Self.days)
            }
            own.finish()
        }
        if let own = reader.child("expires") {
            if own.has("on") { expiryDay = own.day("on") } else { expiryDays = own.whole("days", in: Self.days) }
            own.finish()
        }
    }

    package var json: [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        if let pendingEvent { members["pending"] = ["event": .string(pendingEvent)] }
        if let pendingDays { members["pending"] = ["days": .integer(pendingDays)] }
        if let expiryDays { members["expires"] = ["days": .integer(expiryDays)] }
        if let expiryDay { members["expires"] = ["on": .string(LocalCalendar.text(ofDay: expiryDay))] }
        return members
    }

    package func words(_ language: CriteriaLanguage) -> String {
        var parts: [String] = []
        if let days = pendingDays {
            parts.append(language("\(days) 天后可用", "spendable after \(EnglishCount.text(days, "day"))"))
        }
        if let event = pendingEvent { parts.append(language("“\(event)”后可用", "spendable after “\(event)”")) }
        if let days = expiryDays { parts.append(language("有效 \(days) 天", "lasts \(EnglishCount.text(days, "day"))")) }
        if let day = expiryDay {
            let text = LocalCalendar.text(ofDay: day)
            parts.append(language("有效至 \(text)", "lasts until \(text)"))
        }
        return parts.joined(separator: language("，", ", "))
    }

    /// What a lot waits for: the event and the order that it is of.
    package static func waitsFor(_ event: String, order: String) -> String { "\(event):\(order)" }

    /// The award of so many points under these terms.
    package func award(key: String, _ points: Int64, _ facts: EarningFacts, source: String) -> PointsAward {
        let calendar = facts.clock.calendar
        var award = PointsAward(key: key, amount: points, source: source, note: ["fact": facts.key])
        if let days = pendingDays { award.availableAt = calendar.start(ofDay: facts.day + days) }
        if let event = pendingEvent, let order = facts.order {
            award.waitsFor = String(Self.waitsFor(event, order: order.id).prefix(PointsLimits.keyBytes))
        }
        if let days = expiryDays { award.expiresAt = calendar.start(ofDay: facts.day + days + 1) }
        if let day = expiryDay { award.expiresAt = calendar.start(ofDay: day + 1) }
        return award
    }
}
