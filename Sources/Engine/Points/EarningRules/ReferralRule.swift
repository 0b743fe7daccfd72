/// Points for recommending: `{"kind": "referral", "points": 200, "friend_points": 100, "on": "first_order"}`.
///
/// The new member's trait `referred_by`, or a property of that name in the event, names who recommended them: a member
/// number or a `user_id`. `on` is `first_order`, or the name of an event of the new member. Each new member counts once;
/// nobody recommends themselves. Caps are the referrer's.
package struct ReferralRule: EarningRuleKind {
    package static let kind = "referral"
    package static let trigger = EarningTrigger.event
    package static let form = CriteriaForm(
        "events", "推荐有礼", "Referral",
        [
            .init("points", "number", "推荐人得", "for the referrer"),
            .init("friend_points", "number", "被推荐人得", "for the friend"),
            .init("on", "text", "当", "on"), .init("field", "text", "推荐人字段", "named in"),
        ])
    package static let firstOrder = "first_order"

    private let points: Int64
    private let friendPoints: Int64
    private let on: String
    private let field: String

    package init(_ reader: CriteriaReader) {
        points = reader.whole("points", in: EarningLimits.points)
        friendPoints = reader.whole("friend_points", in: 0...EarningLimits.points.upperBound, orElse: 0)
        on = reader.text("on", orElse: Self.firstOrder)
        field = reader.text("field", orElse: "referred_by")
        if OrderAction.of(eventName: on) != nil {
            reader.note("on", .wrongType(expected: "first_order, or an event that is no order"))
        }
    }

    package var json: [String: JSONValue] {
        var members: [String: JSONValue] = [
            "points": .integer(points), "on": .string(on), "field": .string(field),
        ]
        if friendPoints > 0 { members["friend_points"] = .integer(friendPoints) }
        return members
    }
    package var events: [String] { on == Self.firstOrder ? [] : [on] }
    package var looksAt: EarningTrigger { isOnFirstOrder ? .order : .event }
    private var isOnFirstOrder: Bool { on == Self.firstOrder }
    package var referrerField: String? { field }
    package var pointsMost: Int64? { points }

    package func once(_ facts: EarningFacts) -> String? { "friend" }

    package func reward(_ facts: EarningFacts, _ lines: [EarningLine], _ given: [EarningGift]) -> EarningReward {
        if isOnFirstOrder, facts.order?.isFirst != true { return .nothing(.unmet("first_purchase", "")) }
        guard let referrer = facts.referrer else { return .nothing(.noReferrer) }
        guard referrer != facts.member.account else { return .nothing(.noReferrer) }
        var reward: EarningReward
        if isOnFirstOrder {
            reward = .spread(points, lines) { $0.amount }
        } else {
            reward = EarningReward([EarningPart(basis: 1, points: points)])
        }
        reward.goesToReferrer = true
        reward.forFriend = friendPoints
        return reward
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let language = phrases.language
        let when = isOnFirstOrder ? language("被推荐人首单", "the friend’s first order") : "“\(phrases.event(on))”"
        var text = language(
            "\(when)时推荐人得 \(points) 分", "\(EnglishCount.text(points, "point")) for the referrer on \(when)")
        if friendPoints > 0 { text += language("，被推荐人得 \(friendPoints) 分", ", \(friendPoints) for the friend") }
        return text
    }
}
