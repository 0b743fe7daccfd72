/// Benefits in words, with every restriction.
package struct BenefitText: Sendable {
    private let words: TierWords
    private var language: CriteriaLanguage { words.language }

    package init(_ words: TierWords) {
        self.words = words
    }

    /// `Birthday coupon (coupon BD20): on the birthday, once each, valid for 30 days, at most 500 a month.` What it costs the
    /// brand is not for the public.
    package func line(_ benefit: Benefit) -> String {
        var parts: [String] = []
        if let times = benefit.multiplier {
            var factor = GroupedNumber.text(times, digits: 2, trims: true)
            if factor.contains("."), factor.hasSuffix("0") { factor.removeLast() }
            parts.append(language("积分 \(factor) 倍", "\(factor) × the points"))
        }
        if let coupon = benefit.coupon { parts.append(language("优惠券 \(coupon)", "coupon \(coupon)")) }
        if let occasion = benefit.occasion { parts.append(self.occasion(occasion)) }
        if let uses = benefit.uses {
            parts.append(language("每次发放可用 \(uses) 次", uses == 1 ? "to be used once" : "to be used \(uses) times"))
        }
        if let days = benefit.validDays {
            parts.append(language("有效期 \(days) 天", "valid for \(EnglishCount.text(Int64(days), "day"))"))
        }
        if let quota = benefit.quota {
            parts.append(language("每月限 \(quota) 份，先到先得", "at most \(quota) a month, first come, first served"))
        }
        let title = benefit.name(language.rawValue)
        let name = language("\(title)（\(kind(benefit.kind))）", "\(title) (\(kind(benefit.kind)))")
        guard !parts.isEmpty else { return name + language("。", ".") }
        return name + language("：", ": ") + parts.joined(separator: language("，", ", ")) + language("。", ".")
    }

    package func kind(_ kind: Benefit.Kind) -> String {
        switch kind {
        case .multiplier: return language("积分倍数", "multiplier")
        case .coupon: return language("优惠券", "coupon")
        case .shipping: return language("包邮", "free shipping")
        case .gift: return language("礼品", "gift")
        case .badge: return language("徽章", "badge")
        case .priority: return language("优先通道", "priority line")
        case .invitation: return language("邀请", "invitation")
        case .earlyAccess: return language("抢先购", "early access")
        }
    }

    package func occasion(_ occasion: Benefit.Occasion) -> String {
        switch occasion {
        case .entry: return language("升级时", "on entering the tier")
        case .monthly: return language("每月初", "on the first of every month")
        case .birthday: return language("生日当天", "on the birthday")
        }
    }
}
