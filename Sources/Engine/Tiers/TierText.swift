/// The rules of the pyramid as the brand announces them: complete, made from nothing but the rules, in either language.
package struct TierText: Sendable {
    private let ladder: TierLadder
    private let words: TierWords
    private var language: CriteriaLanguage { words.language }

    package struct Section: Sendable, Equatable {
        package var title: String
        package var lines: [String]
    }

    package init(_ ladder: TierLadder, _ words: TierWords) {
        self.ladder = ladder
        self.words = words
    }

    /// The whole, as paragraphs.
    package var text: String {
        sections.map { ([$0.title] + $0.lines).joined(separator: "\n") }.joined(separator: "\n\n")
    }

    package var sections: [Section] {
        let tiers = ladder.tiers.reversed().map { tier in
            Section(title: name(tier), lines: admission(tier) + tier.benefits.map(benefit))
        }
        return tiers + [Section(title: language("有效期与保级", "How long a tier lasts"), lines: terms)]
    }

    private func name(_ tier: Tier) -> String { tier.name(language.rawValue) }

    private func admission(_ tier: Tier) -> [String] {
        if tier == ladder.base { return [language("所有会员。", "Every member.")] }
        switch tier.admission {
        case .invitation: return [language("仅限邀请。", "By invitation only.")]
        case .payment: return [language("付费期间享有。", "For as long as a membership is paid.")]
        case .rule: break
        }
        guard let rule = tier.rule else { return [] }
        var lines = [language("升级：\(self.rule(rule))。", "To enter: \(self.rule(rule)).")]
        if let keep = tier.keep {
            lines.append(language("保级：\(self.rule(keep))。", "To stay: \(self.rule(keep))."))
        } else {
            lines.append(language("保级：与升级相同。", "To stay: the same."))
        }
        return lines
    }

    /// `net spend of at least ¥2,000 and at least 6 orders`.
    package func rule(_ rule: TierRule) -> String {
        let parts = rule.indicators.map { indicator -> String in
            guard let weight = indicator.weight else { return words.asked(indicator) }
            let target = words.figure(indicator.atLeast, indicator)
            return language(
                "\(words.name(indicator))（目标 \(target)，权重 \(weight)%）",
                "\(words.name(indicator)) (target \(target), weight \(weight)%)")
        }
        switch rule.combine {
        case .all: return words.list(parts)
        case .any: return parts.count > 1 ? words.list(parts, or: true) : language("任一：", "any of: ") + parts[0]
        case .weighted:
            let needed = rule.needed ?? 100
            return language(
                "\(words.list(parts))，每项最多计到目标，加权合计达到 \(needed)%",
                "\(words.list(parts)), each counted up to its target, adding up to at least \(needed)%")
        }
    }

    private func benefit(_ benefit: Benefit) -> String {
        "· " + BenefitText(words).line(benefit)
    }

    private var terms: [String] {
        [period, downgrade] + notice + ranking
    }

    private var period: String {
        let months = ladder.period.months
        let length = language("\(months) 个月", EnglishCount.text(Int64(months), "month"))
        switch ladder.period.kind {
        case .rolling:
            return language(
                "计算最近\(length)。达到条件立即升级，等级自当日起有效\(length)。",
                "The last \(EnglishCount.text(Int64(months), "month counts", "months count")). A tier is entered as soon as "
                    + "it is reached and lasts \(length) from that day."
            )
        case .calendar:
            let start = ladder.period.startMonth
            return language(
                "计算当前自然周期：每\(length)一期，自 \(start) 月起。\(ladder.quota == nil ? "达到条件立即升级，" : "")等级有效至期末。",
                "The current period counts: \(length) each, from the first of \(TierWords.month(start)) on. "
                    + (ladder.quota == nil
                        ? "A tier is entered as soon as it is reached" : "A tier is given at a period's end")
                    + " and lasts until the period's end.")
        case .anniversary:
            return language(
                "自入会之日起每\(length)为一期，计算当前一期。达到条件立即升级，等级有效至期末。",
                "Periods of \(length) run from the day of joining; the current one counts. A tier is entered as soon as "
                    + "it is reached and lasts until the period's end.")
        }
    }

    private var downgrade: String {
        let soft =
            ladder.isSoft
            ? language(
                "期末未达保级条件的，每期最多下降一级。",
                "Who does not reach by the period's end what staying asks for goes down by one tier at most.")
            : language(
                "期末未达保级条件的，降至仍符合条件的最高等级。",
                "Who does not reach by the period's end what staying asks for goes down to the highest tier that is still reached."
            )
        let grace =
            ladder.graceDays > 0
            ? language(
                "期末后有 \(ladder.graceDays) 天宽限期，期间等级保留，补足即可保级。",
                " For \(EnglishCount.text(Int64(ladder.graceDays), "day")) after it the tier stays and can still be kept."
            ) : ""
        let other = language("期中不降级。退货从所属订单中扣除。", " Nobody goes down within a period. What is returned does not count.")
        return soft + grace + other
    }

    private var notice: [String] {
        guard !ladder.noticeDays.isEmpty else { return [] }
        let days = words.list(ladder.noticeDays.map(String.init))
        let noun = EnglishCount.noun(ladder.noticeDays == [1] ? 1 : 0, "day")
        return [
            language("未达保级条件的，在到期前 \(days) 天提醒。", "Who would not stay is told \(days) \(noun) before.")
        ]
    }

    private var ranking: [String] {
        guard let quota = ladder.quota else { return [] }
        let names = ladder.earnable.reversed().map { name(ladder.tiers[$0]) }
        let shares = zip(names, quota.shares).map { "\($0) \($1)" }.joined(separator: " : ")
        let ties: String
        switch quota.ties {
        case .higher: ties = language("并列者均进入较高等级。", " Equals on a border all get the higher tier.")
        case .lower: ties = language("并列者均留在较低等级。", " Equals on a border all get the lower tier.")
        case .seniority: ties = language("并列者入会早者优先。", " Of equals, who joined first goes first.")
        }
        let band =
            quota.bandPercent > 0
            ? language(
                "已有等级者在名次超出界线 \(quota.bandPercent)% 以内保留等级。",
                " Who has a tier keeps it within \(quota.bandPercent)% beyond its border.") : ""
        let least = words.amount(quota.by.atLeast, quota.by)
        return [
            language(
                "期末按\(words.name(quota.by))排名，名额比例 \(shares)；少于 \(least) 者为最低等级。\(ties)\(band)",
                "At a period's end members are ranked by \(words.name(quota.by)) and the tiers shared out: \(shares). "
                    + "Less than \(least) gives the lowest tier.\(ties)\(band)")
        ]
    }
}
