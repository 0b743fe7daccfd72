/// Something that a tier entitles to.
package struct Benefit: Codable, Sendable, Equatable {
    package enum Kind: String, Codable, Sendable, CaseIterable {
        // Tangible.
        case multiplier, coupon, shipping, gift
        // Intangible.
        case badge, priority, invitation
        case earlyAccess = "early_access"

        /// What only is, and is neither granted nor used up.
        package var isStanding: Bool { self == .multiplier || self == .badge || self == .priority }
    }

    /// When it is granted.
    package enum Occasion: String, Codable, Sendable, CaseIterable {
        /// On entering the tier from below.
        case entry
        /// On the first of every month in the tier.
        case monthly
        /// On the member's birthday.
        case birthday
    }

    /// Within its tier.
    package var code: String
    package var names: [String: String]
    package var kind: Kind
    /// nil of what only is.
    package var occasion: Occasion?
    /// Of `multiplier`, in hundredths: 150 is one and a half.
    package var multiplier: Int64?
    /// Of `coupon`: the id of a definition of coupons, issued to the member with every grant.
    package var coupon: String?
    /// How often one grant can be used; nil: as often as one likes.
    package var uses: Int64?
    /// Days for which a grant lasts; nil: until the tier is lost.
    package var validDays: Int?
    /// How many are granted in a month to everybody together; nil: no limit.
    package var quota: Int64?
    /// What one use costs the brand, in minor units of the workspace's currency; for previews.
    package var cost: Int64?
    /// Percent of the members who are not given it, so that what it is worth can be told; nil: everybody is given it.
    package var holdout: Int64?

    private enum CodingKeys: String, CodingKey {
        case code, names, kind, occasion, multiplier, coupon, uses, quota, cost, holdout
        case validDays = "valid_days"
    }

    package init(
        code: String, names: [String: String] = [:], kind: Kind, occasion: Occasion? = nil, multiplier: Int64? = nil,
        coupon: String? = nil, uses: Int64? = nil, validDays: Int? = nil, quota: Int64? = nil, cost: Int64? = nil,
        holdout: Int64? = nil
    ) {
        self.code = code
        self.names = names
        self.kind = kind
        self.occasion = occasion
        self.multiplier = multiplier
        self.coupon = coupon
        self.uses = uses
        self.validDays = validDays
        self.quota = quota
        self.cost = cost
        self.holdout = holdout
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        code = try fields.decode(String.self, forKey: .code)
        names = try fields.decodeIfPresent([String: String].self, forKey: .names) ?? [:]
        kind = try fields.decode(Kind.self, forKey: .kind)
        occasion = try fields.decodeIfPresent(Occasion.self, forKey: .occasion)
        multiplier = try fields.decodeIfPresent(Int64.self, forKey: .multiplier)
        coupon = try fields.decodeIfPresent(String.self, forKey: .coupon)
        uses = try fields.decodeIfPresent(Int64.self, forKey: .uses)
        validDays = try fields.decodeIfPresent(Int.self, forKey: .validDays)
        quota = try fields.decodeIfPresent(Int64.self, forKey: .quota)
        cost = try fields.decodeIfPresent(Int64.self, forKey: .cost)
        holdout = try fields.decodeIfPresent(Int64.self, forKey: .holdout)
    }

    /// The name in a language, else in any, else the code.
    package func name(_ language: String) -> String {
        names[language] ?? names.min { $0.key < $1.key }?.value ?? code
    }

    var flaw: (field: String, reason: String)? {
        guard Tier.isCode(code) else { return ("code", "must be 1 to 32 of a–z, 0–9 and _, a letter first") }
        guard TierLadder.areNames(names) else { return ("names", "must be en and zh-Hans, each 1 to 40 characters") }
        guard kind.isStanding == (occasion == nil) else {
            return ("occasion", kind.isStanding ? "is not for what only is" : "says when it is granted; it is missing")
        }
        guard (kind == .multiplier) == (multiplier != nil), multiplier.map({ (100...10_000).contains($0) }) ?? true
        else {
            return ("multiplier", "belongs to multipliers: 100 to 10000 hundredths")
        }
        guard (kind == .coupon) == (coupon != nil), coupon.map({ (1...64).contains($0.count) }) ?? true else {
            return ("coupon", "belongs to coupons: the code of one")
        }
        if kind.isStanding, uses != nil || validDays != nil || quota != nil {
            return ("uses", "what only is, is not used up, has no end and no quota")
        }
        guard uses.map({ (1...10_000).contains($0) }) ?? true else { return ("uses", "must be 1 to 10000") }
        guard validDays.map({ (1...TierLimits.daysMax).contains($0) }) ?? true else {
            return ("valid_days", "must be 1 to \(TierLimits.daysMax)")
        }
        guard quota.map({ (1...100_000_000).contains($0) }) ?? true else { return ("quota", "must be 1 to 100000000") }
        guard cost.map({ (0...TierLimits.amountMax).contains($0) }) ?? true else {
            return ("cost", "must be 0 to \(TierLimits.amountMax)")
        }
        guard holdout.map({ (1...50).contains($0) && !kind.isStanding }) ?? true else {
            return ("holdout", "belongs to what is granted: 1 to 50 percent of the members")
        }
        return nil
    }
}
