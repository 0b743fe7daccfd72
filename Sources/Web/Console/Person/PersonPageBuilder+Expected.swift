import Engine

/// What is expected of a person next, in words that quote the rhythm.
extension PersonPageBuilder {
    func expected() -> PersonModel.Expected? {
        let profile = facts.detail.profile
        guard profile.isLiving else { return nil }
        let calendar = facts.lifecycle.calendar
        let next = NextPurchase(
            purchaseDays: facts.purchaseDays,
            firstSeenDay: calendar.day(of: Timestamp(milliseconds: profile.firstSeenMS)),
            today: calendar.day(of: request.now), facts.lifecycle.model)
        let title = request.text("person.expected")
        return PersonModel.Expected(
            headline: headline(next), lines: lines(next),
            how: HowModel("expected", name: title, request.wording))
    }

    private func headline(_ next: NextPurchase) -> String {
        let calendar = facts.lifecycle.calendar
        let today = calendar.day(of: request.now)
        if next.isPast90 { return request.text("person.expected_late", ["date": date(next.day90)]) }
        guard let own = next.ownDay, let gap = next.ownGapDays else {
            return request.text(
                next.purchases == 0 ? "person.expected_first" : "person.expected_within",
                ["date": date(next.isPast80 ? next.day90 : next.day80)])
        }
        let values = ["gap": request.text("time.days", count: Int64(gap.rounded())), "date": date(own)]
        return request.text(own < today ? "person.expected_own_past" : "person.expected_own", values)
    }

    private func lines(_ next: NextPurchase) -> [String] {
        var lines: [String] = []
        if let conversion = next.conversion {
            lines.append(
                request.text(
                    "person.expected_rate",
                    [
                        "share": request.wording.percent(conversion.rate),
                        "people": request.wording.number(conversion.people),
                    ], count: Int64(next.purchases)))
        }
        lines.append(
            request.text("person.expected_by", ["first": date(next.day80), "last": date(next.day90)]))
        return lines
    }

    private func date(_ day: Int64) -> String {
        request.wording.shortDate(facts.lifecycle.calendar.start(ofDay: day), now: request.now)
    }
}
