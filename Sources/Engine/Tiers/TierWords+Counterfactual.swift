extension TierWords {
    /// `¥320 more by 30 June 2027 would have kept Gold.` `isOver`: the day has passed. One sentence a fact.
    package func sentences(
        _ fact: TierCounterfactual, _ ladder: TierLadder, isOver: Bool, today: Int64? = nil
    ) -> [String] {
        var sentences: [String] = []
        let tier = ladder.name(fact.tier, language.rawValue)
        if !fact.missing.isEmpty {
            let amounts = list(
                fact.missing.map { part in
                    language("再有 \(amount(part.amount, part.indicator))", more(part))
                }, or: fact.isEither)
            let day = day(fact.lastDay)
            if !isOver, fact.lastDay == today {
                sentences.append(
                    language(
                        "今天（\(day)）结束前\(amounts)，可以保住“\(tier)”。",
                        "\(amounts) by the end of today, \(day), will keep \(tier)."))
            } else {
                sentences.append(
                    isOver
                        ? language(
                            "在\(day)之前（含当日）\(amounts)，就能保住“\(tier)”。",
                            "\(amounts) by \(day) would have kept \(tier).")
                        : language(
                            "在\(day)之前（含当日）\(amounts)，可以保住“\(tier)”。", "\(amounts) by \(day) will keep \(tier)."))
            }
        }
        for (number, item) in fact.returns.enumerated() {
            let decided = fact.returnsDecided && number == fact.returns.count - 1
            let order = language(
                "订单 \(item.order) 退回了 \(money(item.amount))", "Order \(item.order) was returned (\(money(item.amount)))"
            )
            let end =
                decided
                ? language("；若没有退货，就能保住“\(tier)”。", "; without returns \(tier) would have been kept.")
                : language("。", ".")
            sentences.append(order + end)
        }
        return sentences
    }

    /// `¥320 more by 30 June 2027`. `today`: the day on which it is said; a deadline that is today is called so.
    package func lacking(_ fact: TierCounterfactual, today: Int64? = nil) -> String {
        let amounts = list(
            fact.missing.map { language(amount($0.amount, $0.indicator), more($0)) }, or: fact.isEither)
        guard fact.lastDay != today else {
            return language(
                "还差 \(amounts)，截至今天（\(day(fact.lastDay))）结束",
                "\(amounts) by the end of today, \(day(fact.lastDay))")
        }
        return language("还差 \(amounts)，截至\(day(fact.lastDay))", "\(amounts) by \(day(fact.lastDay))")
    }

    private func more(_ part: TierCounterfactual.Missing) -> String {
        let text = amount(part.amount, part.indicator)
        guard let space = text.firstIndex(of: " "), text.first?.isNumber == true else { return text + " more" }
        return text[..<space] + " more" + text[space...]
    }

    /// `net spend: ¥1,680 of ¥2,000; orders: 4 of 6`.
    package func found(_ reading: TierReading) -> String {
        reading.parts.map { part in
            let (value, target) = (figure(part.value, part.indicator), figure(part.indicator.atLeast, part.indicator))
            return language(
                "\(name(part.indicator))：\(value)（需 \(target)）", "\(name(part.indicator)): \(value) of \(target)")
        }.joined(separator: language("；", "; "))
    }

    /// Why a member moved.
    package func cause(_ cause: TierChange.Cause) -> String {
        switch cause {
        case .enrolled: return language("成为会员", "became a member")
        case .activity: return language("达到条件", "reached what is asked for")
        case .periodEnd: return language("周期结束时未达保级条件", "did not reach at the period's end what keeping it asks for")
        case .ranking: return language("按排名", "by the ranking")
        case .grant: return language("人工授予", "given by hand")
        case .grantEnded: return language("授予到期或收回", "what was given by hand ended")
        case .merge: return language("合并了另一个会员，保留较高等级", "two people turned out to be one; the higher tier stays")
        case .unmerge: return language("撤销合并", "a merge was undone")
        case .ladder: return language("等级规则变更", "the rules of tiers changed")
        }
    }
}
