/// What an import says of one member: the properties of `Member Imported`.
struct ImportedMember {
    static let eventName = "Member Imported"
    /// Message ids of imports begin so; nobody else's are believed.
    static let idPrefix = "import-member-"

    struct Lot {
        var currency: String
        var amount: Int64
        var earnedAt: Timestamp?
        var expiresAt: Timestamp?
        var source: String
    }

    var enrolledAt: Timestamp?
    var tier: String?
    var tierUntil: Timestamp?
    var lots: [Lot] = []
    var coupon: (definition: Int64?, printed: CouponPrinted)?

    /// Nil for what is no JSON.
    init?(_ properties: String, _ calendar: LocalCalendar) {
        let json: JSONValue
        do { json = try JSONValue(parsing: properties) } catch { return nil }
        enrolledAt = json["enrolled_at"]?.stringValue.flatMap { Timestamp(iso8601: $0) }
        tier = json["tier"]?.stringValue
        tierUntil = Self.end(json, "tier_until", calendar)
        lots = (json["lots"]?.arrayValue ?? []).map { lot in
            Lot(
                currency: lot["currency"]?.stringValue ?? "", amount: lot["amount"]?.intValue ?? 0,
                earnedAt: lot["earned_at"]?.intValue.map { Timestamp(milliseconds: $0) },
                expiresAt: Self.end(lot, "expires_at", calendar), source: lot["source"]?.stringValue ?? "import")
        }
        if let told = json["coupon"], told.objectValue != nil {
            coupon = (
                told["definition"]?.stringValue.flatMap { Int64($0) },
                CouponPrinted(code: told["code"]?.stringValue, until: Self.end(told, "until", calendar))
            )
        }
    }

    /// A day lasts to its end.
    private static func end(_ json: JSONValue, _ name: String, _ calendar: LocalCalendar) -> Timestamp? {
        guard let told = json[name]?.intValue else { return nil }
        let moment = Timestamp(milliseconds: told)
        guard json[name + "_is_day"]?.boolValue == true else { return moment }
        return calendar.start(ofDay: calendar.day(of: moment) + 1)
    }
}
