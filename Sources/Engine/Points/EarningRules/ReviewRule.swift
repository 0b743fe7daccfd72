/// Points for a review, once for each product: `{"kind": "review", "points": 20, "characters": 30, "with_photo": 10}`.
///
/// `text_property` and `photo_property` say where the review's text and its pictures are.
package struct ReviewRule: EarningRuleKind {
    package static let kind = "review"
    package static let trigger = EarningTrigger.event
    package static let form = CriteriaForm(
        "events", "商品评价", "Review",
        [
            .init("event", "text", "事件", "event"), .init("points", "number", "得", "points"),
            .init("characters", "number", "至少字数", "characters at least"),
            .init("with_photo", "number", "带图另加", "more with a photo"),
        ])

    private let event: String
    private let points: Int64
    private let characters: Int64
    private let photoPoints: Int64
    private let textProperty: String
    private let photoProperty: String

    private static let products = ["product_id", "sku", "productId", "id", "name"]

    package init(_ reader: CriteriaReader) {
        event = reader.text("event", orElse: "Product Reviewed")
        points = reader.whole("points", in: EarningLimits.points)
        characters = reader.whole("characters", in: 0...200, orElse: 0)
        photoPoints = reader.whole("with_photo", in: 0...EarningLimits.points.upperBound, orElse: 0)
        textProperty = reader.text("text_property", orElse: "review_body")
        photoProperty = reader.text("photo_property", orElse: "photos")
    }

    package var json: [String: JSONValue] {
        var members: [String: JSONValue] = ["event": .string(event), "points": .integer(points)]
        if characters > 0 { members["characters"] = .integer(characters) }
        if photoPoints > 0 { members["with_photo"] = .integer(photoPoints) }
        if textProperty != "review_body" { members["text_property"] = .string(textProperty) }
        if photoProperty != "photos" { members["photo_property"] = .string(photoProperty) }
        return members
    }
    package var events: [String] { [event] }

    package func once(_ facts: EarningFacts) -> String? {
        let product = Self.products.lazy.compactMap { facts.event?.properties.first($0)?.text }.first
        return "product " + (product ?? "")
    }

    package func reward(_ facts: EarningFacts, _ lines: [EarningLine], _ given: [EarningGift]) -> EarningReward {
        let length = Int64(facts.event?.properties.first(textProperty)?.text.count ?? 0)
        guard length >= characters else { return .nothing(.unmet("characters", String(length))) }
        let hasPhoto = facts.event?.properties.first(photoProperty) != nil
        return EarningReward([EarningPart(basis: 1, points: points + (hasPhoto ? photoPoints : 0))])
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let language = phrases.language
        var text = language(
            "评价商品得 \(points) 分（每件商品一次）", "\(EnglishCount.text(points, "point")) for a review, once a product")
        if characters > 0 {
            text += language("，至少 \(characters) 字", ", of at least \(EnglishCount.text(characters, "character"))")
        }
        if photoPoints > 0 { text += language("，带图另加 \(photoPoints) 分", ", \(photoPoints) more with a photo") }
        return text
    }
}
