/// One article of the demo brand.
struct DemoProduct {
    var sku: String
    var name: String
    var category: String
    /// In fen.
    var price: Int
    /// How much it sells against the others.
    var weight: Double
    /// Bought as a present before festivals.
    var isGift: Bool

    private init(_ sku: String, _ name: String, _ category: String, yuan: Int, _ weight: Double, gift: Bool = false) {
        self.sku = sku
        self.name = name
        self.category = category
        price = yuan * 100
        self.weight = weight
        isGift = gift
    }

    static let all: [DemoProduct] = [
        DemoProduct("WL-101", "武夷肉桂 50g", "乌龙", yuan: 128, 9),
        DemoProduct("WL-102", "铁观音 清香型 125g", "乌龙", yuan: 98, 10),
        DemoProduct("WL-103", "凤凰单丛 鸭屎香 80g", "乌龙", yuan: 118, 11),
        DemoProduct("WL-104", "大红袍 礼盒 160g", "乌龙", yuan: 398, 4, gift: true),
        DemoProduct("WL-105", "冻顶乌龙 100g", "乌龙", yuan: 138, 5),
        DemoProduct("PE-201", "老班章 生普 357g", "普洱", yuan: 688, 2),
        DemoProduct("PE-202", "勐海熟普 小金砖 60g", "普洱", yuan: 68, 10),
        DemoProduct("PE-203", "小青柑 10粒", "普洱", yuan: 79, 12),
        DemoProduct("PE-204", "易武古树 饼茶 200g", "普洱", yuan: 268, 4),
        DemoProduct("PE-205", "陈皮普洱 礼盒 240g", "普洱", yuan: 328, 4, gift: true),
        DemoProduct("BA-301", "白毫银针 30g", "白茶", yuan: 168, 5),
        DemoProduct("BA-302", "白牡丹 50g", "白茶", yuan: 108, 8),
        DemoProduct("BA-303", "老寿眉 饼茶 300g", "白茶", yuan: 158, 7),
        DemoProduct("BA-304", "福鼎白茶 礼盒 180g", "白茶", yuan: 358, 4, gift: true),
        DemoProduct("HO-401", "正山小种 100g", "红茶", yuan: 88, 10),
        DemoProduct("HO-402", "金骏眉 50g", "红茶", yuan: 198, 6),
        DemoProduct("HO-403", "滇红 金针 125g", "红茶", yuan: 78, 9),
        DemoProduct("HO-404", "祁门红茶 礼盒 150g", "红茶", yuan: 298, 4, gift: true),
        DemoProduct("HO-405", "英德红茶 英红九号 100g", "红茶", yuan: 86, 6),
        DemoProduct("HU-501", "茉莉龙珠 100g", "花茶", yuan: 89, 9),
        DemoProduct("HU-502", "茉莉银针 50g", "花茶", yuan: 118, 5),
        DemoProduct("HU-503", "桂花乌龙 15包", "花茶", yuan: 49, 14),
        DemoProduct("HU-504", "玫瑰红茶 15包", "花茶", yuan: 52, 12),
        DemoProduct("HU-505", "白桃乌龙 冷泡 12包", "花茶", yuan: 45, 13),
        DemoProduct("CJ-601", "汝窑 三才盖碗", "茶具", yuan: 188, 4),
        DemoProduct("CJ-602", "宜兴紫砂壶 西施 180ml", "茶具", yuan: 569, 1.5),
        DemoProduct("CJ-603", "便携旅行茶具 一壶三杯", "茶具", yuan: 139, 6),
        DemoProduct("CJ-604", "玻璃冷泡壶 1L", "茶具", yuan: 69, 6),
        DemoProduct("CJ-605", "竹制茶盘", "茶具", yuan: 219, 2),
        DemoProduct("CJ-606", "主人杯 单只", "茶具", yuan: 58, 6, gift: true),
    ]

    static let cumulative: [Double] = sums(all.map(\.weight))
    static let giftCumulative: [Double] = sums(all.map { $0.isGift ? $0.weight * 6 : $0.weight * 0.4 })
    static let categories = ["乌龙", "普洱", "白茶", "红茶", "花茶", "茶具"]

    private static func sums(_ weights: [Double]) -> [Double] {
        var sum = 0.0
        return weights.map { weight in
            sum += weight
            return sum
        }
    }
}
