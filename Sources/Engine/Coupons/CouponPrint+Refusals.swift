extension CouponPrint {
    /// A refusal in words, with what would have to be different.
    package func text(_ refusal: CouponRefusal, currency: String) -> String {
        let money = { (amount: Int64) in CouponPrint.money(amount, currency) }
        switch refusal {
        case .unknown: return language("没有这个券码。", "There is no such code.")
        case .mistyped: return language("券码有误，请核对。", "The code is misspelt; check it.")
        case .notYours: return language("这张券属于别人。", "The coupon is somebody else's.")
        case .notYetValid(let from): return language("\(start(from)) 起可用。", "It is valid from \(start(from)).")
        case .expired(let at):
            if let last = lastDay(at) { return language("已过期，有效期至 \(last)。", "It was valid through \(last).") }
            return language("已于 \(moment(at)) 过期。", "It expired at \(moment(at)).")
        case .voided: return language("已作废。", "It was voided.")
        case .redeemed: return language("已使用。", "It was used.")
        case .locked(let until):
            return language("已被另一订单锁定至 \(moment(until))。", "Another order holds it until \(moment(until)).")
        case .paused: return language("活动暂停中。", "The campaign is paused.")
        case .ended: return language("活动已结束。", "The campaign has ended.")
        case .currency(let wanted): return language("仅限以 \(wanted) 计价的订单。", "It is for orders in \(wanted).")
        case .minimum(let wanted, let found):
            return language(
                "适用商品满 \(money(wanted)) 可用，目前 \(money(found))。",
                "It needs \(money(wanted)) of goods it holds for; there are \(money(found)).")
        case .nothingEligible: return language("购物车中没有适用的商品。", "Nothing in the cart is what it holds for.")
        case .freeItemMissing(let skus):
            return language(
                "请先将 \(skus.joined(separator: "、")) 加入购物车。", "Put \(skus.joined(separator: " or ")) in the cart.")
        case .noShipping: return language("没有运费可减。", "There is no shipping to pay.")
        case .nothingLeft: return language("没有可优惠的金额。", "There is nothing left to take off.")
        default: return circumstance(refusal)
        }
    }

    private func circumstance(_ refusal: CouponRefusal) -> String {
        switch refusal {
        case .store: return language("此门店不可用。", "It is not for this store.")
        case .channel: return language("此渠道不可用。", "It is not for this channel.")
        case .weekday: return language("今天不可用。", "It is not for this day of the week.")
        case .hours: return language("此时段不可用。", "It is not for this time of the day.")
        case .blackout(let through):
            let day = LocalCalendar.text(ofDay: through)
            return language("不可用日期，至 \(day) 止。", "It is blacked out through \(day).")
        case .personNeeded: return language("需要先识别会员。", "Somebody has to be known to use it.")
        case .notFirstOrder: return language("仅限首单。", "It is for a first order.")
        case .tier(let wanted):
            let said = wanted.map(tier).joined(separator: language("、", ", "))
            return language("仅限等级：\(said)。", "It is for the \(EnglishCount.noun(Int64(wanted.count), "tier")) \(said).")
        case .segment: return language("不在适用人群中。", "The person is not in its segment.")
        case .usedUp(let limit):
            return language("总共 \(limit) 次已用完。", limit == 1 ? "Its only use is taken." : "All \(limit) uses are taken.")
        case .personUsedUp(let limit):
            return language(
                "每人 \(limit) 次已用完。",
                limit == 1 ? "The person has had the only use." : "The person has had all \(limit) uses.")
        case .stacking(let code): return language("不可与 \(code) 同时使用。", "It does not go together with \(code).")
        default: return refusal.code
        }
    }
}
