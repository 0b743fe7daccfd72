/// What an order holds, drawn from the one number that the order and what follows it share.
struct DemoOrder {
    struct Line {
        var product: DemoProduct
        var quantity: Int
        /// In fen.
        var amount: Int { product.price * quantity }
    }

    let id: String
    let lines: [Line]
    /// In fen.
    let discount: Int
    let shipping: Int
    let coupon: String?
    let store: String?

    /// `day` decides about presents and festival discounts.
    init(draw: UInt64, person: DemoPerson, day: Int, source: DemoSource) {
        var random = SplitMix64(seed: draw)
        id = "SL\(10_000 + person.number)-" + String(draw >> 28, radix: 36).uppercased()
        let isGift = DemoCalendar.isGiftSeason(day) && random.chance(0.45)
        lines = DemoOrder.lines(person, isGift: isGift, &random)
        let sum = lines.reduce(0) { $0 + $1.amount }
        let isSale = DemoOrder.isSale(day)
        switch random.unit() {
        case ..<(isSale ? 0.85 : 0.16):
            // ¥30 off each full ¥200 in a sale, else a tenth.
            discount = isSale ? sum / 20_000 * 3_000 : sum / 1_000 * 100
            coupon = isSale ? "满200减30" : "九折券"
        default:
            discount = 0
            coupon = nil
        }
        shipping = source == .pos || sum - discount >= 9_900 ? 0 : 800
        store = source == .pos ? random.pick(person.place.stores) : nil
    }

    /// What was paid for the goods, in fen: lines less discount.
    var revenue: Int { lines.reduce(0) { $0 + $1.amount } - discount }

    private static func lines(_ person: DemoPerson, isGift: Bool, _ random: inout SplitMix64) -> [Line] {
        let count = 1 + (random.chance(0.42) ? 1 : 0) + (random.chance(0.16) ? 1 : 0) + (random.chance(0.05) ? 1 : 0)
        var lines: [Line] = []
        for _ in 0..<count {
            let product = product(person, isGift: isGift, &random)
            guard !lines.contains(where: { $0.product.sku == product.sku }) else { continue }
            let more = random.chance(min(0.6, 0.18 * person.taste)) ? random.whole(1...(isGift ? 4 : 2)) : 0
            lines.append(Line(product: product, quantity: 1 + more))
        }
        return lines
    }

    /// Mostly the person's own tea, and what they can afford.
    private static func product(_ person: DemoPerson, isGift: Bool, _ random: inout SplitMix64) -> DemoProduct {
        let weights = isGift ? DemoProduct.giftCumulative : DemoProduct.cumulative
        var product = DemoProduct.all[random.index(cumulative: weights)]
        let attemptsMax = 3
        for _ in 0..<attemptsMax {
            let fits = product.category == person.category || isGift || random.chance(0.4)
            let affordable = Double(product.price) < 18_000 * person.taste || random.chance(0.25)
            if fits, affordable { return product }
            product = DemoProduct.all[random.index(cumulative: weights)]
        }
        return product
    }

    private static func isSale(_ day: Int) -> Bool {
        let date = CivilDate(dayNumber: day)
        return (date.month == 11 && date.day <= 11) || (date.month == 6 && 10...18 ~= date.day)
            || (date.month == 12 && date.day == 12)
    }
}
