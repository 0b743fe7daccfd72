/// A page of the brand's site on which clicks and scrolling are recorded, and what there is to click.
struct DemoPage {
    struct Element {
        /// As the tracker names it.
        let selector: String
        let tag: String
        let text: String
        /// Where it leads; nil: nowhere.
        var href: String?
        /// Middle and size in shares of the page: across and down.
        let across: (middle: Double, size: Double)
        let down: (middle: Double, size: Double)
        /// How often it is clicked against the others.
        let weight: Double
    }

    let path: String
    let title: String
    let elements: [Element]
    private let cumulative: [Double]

    private init(_ path: String, _ title: String, _ elements: [Element]) {
        self.path = path
        self.title = title
        self.elements = elements
        var sum = 0.0
        cumulative = elements.map { element in
            sum += element.weight
            return sum
        }
    }

    func element(_ random: inout SplitMix64) -> Element { elements[random.index(cumulative: cumulative)] }

    /// The product is one that is sold: `DemoProduct` WL-103.
    static let all: [DemoPage] = [
        DemoPage(
            "/new", "新品",
            [
                link("#menu-club", "会员中心", "/club", (0.9, 0.08), (0.02, 0.015), 8),
                link("#hero", "春茶上市 立即选购", "/tea/WL-103", (0.5, 0.9), (0.14, 0.16), 30),
                link("#card-WL", "凤凰单丛 鸭屎香 80g", "/tea/WL-103", (0.25, 0.4), (0.36, 0.1), 24),
                link("#card-BA", "白牡丹 50g", "/tea/BA-302", (0.75, 0.4), (0.36, 0.1), 17),
                link("#card-HU", "白桃乌龙 冷泡 12包", "/tea/HU-505", (0.25, 0.4), (0.52, 0.1), 14),
                link("#more", "查看更多", "/oolong", (0.5, 0.3), (0.7, 0.03), 9),
                // Looks like something that opens, and does not.
                Element(
                    selector: "#map>img", tag: "img", text: "", across: (0.5, 0.8), down: (0.84, 0.12), weight: 6),
            ]),
        DemoPage(
            "/gift", "礼盒",
            [
                link("#menu-club", "会员中心", "/club", (0.9, 0.08), (0.02, 0.015), 5),
                button("#budget", "100–300 元", (0.3, 0.3), (0.1, 0.03), 16),
                button("#for-elders", "送长辈", (0.7, 0.3), (0.1, 0.03), 21),
                link("#card-WL", "大红袍 礼盒 160g", "/tea/WL-104", (0.25, 0.4), (0.3, 0.14), 26),
                link("#card-PE", "陈皮普洱 礼盒 240g", "/tea/PE-205", (0.75, 0.4), (0.3, 0.14), 19),
                link("#corporate", "企业定制", "/story", (0.5, 0.7), (0.82, 0.08), 6),
                Element(
                    selector: "#box>img", tag: "img", text: "", across: (0.5, 0.7), down: (0.58, 0.16), weight: 11),
            ]),
        DemoPage(
            "/tea/WL-103", "凤凰单丛 鸭屎香 80g",
            [
                Element(
                    selector: "#photo>img", tag: "img", text: "", across: (0.3, 0.5), down: (0.18, 0.22), weight: 16),
                button("#size-80", "80g", (0.7, 0.12), (0.16, 0.02), 10),
                button("#add", "加入购物车", (0.72, 0.3), (0.24, 0.035), 34),
                button("#buy", "立即购买", (0.72, 0.3), (0.29, 0.035), 15),
                link("#reviews", "全部评价", "/tea/WL-103#reviews", (0.5, 0.3), (0.56, 0.03), 13),
                link("#brew", "怎样泡好一壶单丛", "/story", (0.5, 0.8), (0.78, 0.06), 7),
            ]),
    ]

    private static func link(
        _ selector: String, _ text: String, _ href: String, _ across: (Double, Double), _ down: (Double, Double),
        _ weight: Double
    ) -> Element {
        Element(
            selector: selector, tag: "a", text: text, href: "https://\(DemoCode.host)\(href)", across: across,
            down: down, weight: weight)
    }

    private static func button(
        _ selector: String, _ text: String, _ across: (Double, Double), _ down: (Double, Double), _ weight: Double
    ) -> Element {
        Element(selector: selector, tag: "button", text: text, across: across, down: down, weight: weight)
    }
}
