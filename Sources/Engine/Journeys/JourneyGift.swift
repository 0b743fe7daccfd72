/// The terms of what a node gives: how much of it in all, and whether it is taken back when the order is.
package struct JourneyGift: Sendable, Equatable {
    /// Points, or coupons, that the node may give to everybody together, over all versions; 0: no bound of its own.
    package var most: Int64
    /// Takes it back when the order that let the person in is refunded: points by the part that came back, a coupon that
    /// nobody used when all of it did.
    package var reverses: Bool

    init(_ reader: CriteriaReader) {
        most = reader.whole("most", in: 0...JourneyLimits.budget, orElse: 0)
        reverses = reader.value("reverses")?.boolValue ?? false
    }

    var json: [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        if most > 0 { members["most"] = .integer(most) }
        if reverses { members["reverses"] = true }
        return members
    }

    static func form(_ chinese: String, _ english: String) -> [CriteriaForm.Part] {
        [
            .init("most", "number", "最多共（\(chinese)，不填不限）", "at most in all (\(english); empty: no bound)"),
            .init(
                "reverses", "choice", "订单退款时", "when the order is refunded",
                choices: [.init("false", "保留", "keep it"), .init("true", "收回", "take it back")]),
        ]
    }

    /// `unit`: what is given; `one`: a single one of it, in English.
    func words(_ language: CriteriaLanguage, _ unit: String, one: String) -> String {
        var parts: [String] = []
        if most > 0 {
            parts.append(
                language("最多共 \(most) \(unit)", "at most \(EnglishCount.text(most, one, unit)) in all"))
        }
        if reverses { parts.append(language("退款时收回", "taken back on a refund")) }
        return parts.isEmpty
            ? "" : language("（", " (") + parts.joined(separator: language("，", ", ")) + language("）", ")")
    }
}
