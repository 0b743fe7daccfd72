import Engine

/// Why a person stands where they stand, in words that quote the figures compared.
extension PersonPageBuilder {
    func standing() -> PersonModel.Standing? {
        let profile = facts.detail.profile
        guard let stage = profile.stage else { return nil }
        let since = profile.stageSinceMS.map { request.wording.date(Timestamp(milliseconds: $0)) } ?? ""
        return PersonModel.Standing(
            title: request.text("person.in_stage", ["stage": StageWords.name(stage, request.wording), "date": since]),
            stage: stage, reason: reason(stage), next: next(stage))
    }

    /// The last change's own evidence when there is one; for people who never moved, the model's thresholds.
    private func reason(_ stage: String) -> String {
        let calendar = facts.lifecycle.calendar
        let profile = facts.detail.profile
        let today = calendar.day(of: request.now)
        let start = Timestamp(milliseconds: profile.lastOrderMS ?? profile.firstSeenMS)
        let days = max(0, today - calendar.day(of: start))
        let evidence = facts.changes.first?.evidence
        let orders = Int(profile.orderCount)
        let band = facts.lifecycle.model.band(forOrderCount: orders)
        let values = [
            "recency": request.wording.text("time.days", count: days),
            "q80": request.wording.text("time.days", count: Int64((evidence?.q80 ?? band.q80).rounded(.down))),
            "q90": request.wording.text("time.days", count: Int64((evidence?.q90 ?? band.q90).rounded(.down))),
            "maturity": request.wording.number(evidence?.maturityOrders ?? facts.lifecycle.model.maturityOrders),
        ]
        let key = orders == 0 ? "person.reason_no_order" : "person.reason_\(stage)"
        return request.text(key, values, count: Int64(orders))
    }

    private func next(_ stage: String) -> String? {
        guard let due = facts.detail.profile.stageDueMS, stage != "churn" else { return nil }
        let key = stage == "decline" ? "person.next_churn" : "person.next_decline"
        return request.text(key, ["date": request.wording.date(Timestamp(milliseconds: due))])
    }

    func rfm() -> PersonModel.Standing? {
        let profile = facts.detail.profile
        guard let code = profile.rfmClass, let name = ClassWords.name(code, request.wording) else { return nil }
        let words = zip(["recent", "frequent", "valuable"], code).compactMap { word, bit -> String? in
            bit == "-" ? nil : request.text(bit == "1" ? "person.rfm_\(word)" : "person.rfm_not_\(word)")
        }
        return PersonModel.Standing(
            title: name, stage: nil, reason: words.joined(separator: request.text("person.separator")), next: nil,
            details: rfmDetails())
    }

    /// Each dimension's value beside the border of its class.
    private func rfmDetails() -> [String] {
        guard let rfm = facts.rfm else { return [] }
        let wording = request.wording
        return rfm.values.map { one in
            func say(_ value: Double) -> String {
                switch one.dimension {
                case .recency: wording.text("time.days", count: Int64(value.rounded()))
                case .frequency: wording.decimal(value, digits: value == value.rounded() ? 0 : 1)
                case .monetary: wording.moneyShort(Int64(value.rounded()))
                }
            }
            return wording.text(
                "person.rfm_why_\(one.dimension.rawValue)",
                ["value": say(Double(one.value)), "border": say(one.border)])
        }
    }

    func scores() -> [PersonModel.Score] {
        let profile = facts.detail.profile
        return [("r", profile.rfmR), ("f", profile.rfmF), ("m", profile.rfmM)].compactMap { letter, score in
            guard score > 0 else { return nil }
            return PersonModel.Score(
                name: request.text("person.score_\(letter)"), score: String(score),
                width: StandingPanels.percent(Double(score) * 20))
        }
    }
}
