/// Points for a number in an event: `{"kind": "event_amount", "points": 2, "per": 1, "property": "minutes", "event": {…}}`.
package struct EventAmountRule: EarningRuleKind {
    package static let kind = "event_amount"
    package static let trigger = EarningTrigger.event
    package static let form = CriteriaForm(
        "events", "按事件数值", "A number in an event",
        [
            .init("event", "event", "事件", "event"), .init("property", "text", "属性", "property"),
            .init("per", "decimal", "每", "for every"), .init("points", "number", "得", "points"),
            .init(
                "rounding", "choice", "取整", "rounded",
                choices: [
                    .init("down", "舍去小数", "down"), .init("nearest", "四舍五入", "to the nearest"), .init("up", "进位", "up"),
                ]),
        ])

    private let points: Int64
    /// Ten-thousandths.
    private let per: Int64
    private let property: String
    private let rounding: EarningRounding
    private let filter: EventFilter

    package init(_ reader: CriteriaReader) {
        points = reader.whole("points", in: EarningLimits.points)
        let per = reader.decimal("per")
        if per <= 0 { reader.note("per", .outOfRange("> 0")) }
        self.per = max(per, 1)
        property = reader.text("property")
        rounding = reader.choice("rounding", orElse: .down) ?? .down
        filter = EventFixedRule.filter(reader)
    }

    package var json: [String: JSONValue] {
        [
            "points": .integer(points), "per": NumberRange.json(per), "property": .string(property),
            "rounding": .string(rounding.rawValue), "event": filter.json,
        ]
    }
    package var events: [String] { filter.names }

    package func applies(_ event: CriteriaEvent, _ calendar: LocalCalendar) -> Bool { filter.matches(event, calendar) }

    package func reward(_ facts: EarningFacts, _ lines: [EarningLine], _ given: [EarningGift]) -> EarningReward {
        guard let number = facts.event?.properties.first(property)?.number, number != CriteriaValue.noNumber else {
            return .nothing(.tooLittle)
        }
        return EarningReward(
            [
                EarningPart(
                    basis: max(number, 0) / CriteriaValue.scale, points: rounding.points(number, points, per: per))
            ])
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let language = phrases.language
        return language(
            "\(filter.words(phrases))的 \(property) 每 \(NumberRange.text(per)) 得 \(points) 分（\(rounding.words(language))）",
            "\(EnglishCount.text(points, "point")) for every \(NumberRange.text(per)) of \(property) in \(filter.words(phrases)) "
                + "(\(rounding.words(language)))")
    }
}
