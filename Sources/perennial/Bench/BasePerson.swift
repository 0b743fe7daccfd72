import Engine
import Storage

/// One invented person of a large base, who depends on the number alone: rows of both stores agree, and so do two runs.
struct BasePerson {
    struct Order {
        var id: String
        var timeMS: Int64
        /// Minor units.
        var net: Int64
    }

    let number: Int64
    let firstSeenMS: Int64
    let lastSeenMS: Int64
    let isIdentified: Bool
    let name: String?
    let orders: [Order]
    let stage: String?
    let rfmClass: String?
    private let digits: UInt64

    /// Of so many people one turned out to be the person before.
    private static let mergedEvery: Int64 = 100
    private static let days: UInt64 = 720
    static let dayMS: Int64 = 86_400_000
    private static let stages = ["introduction", "growth", "maturity", "decline", "churn"]
    private static let classes = ["111", "101", "011", "001", "110", "100", "010", "000"]
    private static let families = ["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙"]
    private static let given = ["伟", "芳", "娜", "敏", "静", "强", "磊", "洋", "艳", "勇", "军", "杰", "娟", "涛", "明", "超"]
    static let cities = ["上海", "杭州", "成都", "广州", "北京", "武汉", "西安", "厦门"]

    /// - Parameters:
    ///   - end: the moment up to which the base lived.
    ///   - ordersTimes: so many times the orders that a buyer has otherwise.
    init(_ number: Int64, end: Int64, ordersTimes: Int = 1) {
        var random = SplitMix64(seed: 7, part: UInt64(number))
        func draw(_ count: UInt64) -> UInt64 { random.next() % count }
        self.number = number
        digits = random.next()
        let age = Int64(draw(Self.days * 86_400)) * 1000
        firstSeenMS = end - age
        // Most were seen last long ago, some just now.
        let idle = min(age, Int64(draw(Self.days * 86_400) * draw(1000) / 1000) * 1000)
        lastSeenMS = end - idle
        let isMerged = number % Self.mergedEvery == 0
        isIdentified = draw(10) < 6 && !isMerged
        let given = Self.given[Int(draw(16))] + (draw(2) == 0 ? Self.given[Int(draw(16))] : "")
        name = isIdentified ? Self.families[Int(draw(12))] + given : nil
        let bought = isIdentified && draw(2) == 0 ? Int(1 + draw(4) * draw(3)) * ordersTimes : 0
        let span = UInt64(max(1, (end - idle - (end - age)) / 1000))
        orders = (0..<bought).map { index in
            Order(
                id: "B\(number)-\(index)", timeMS: end - age + Int64(draw(span)) * 1000,
                net: Int64(1_000 + draw(50_000)))
        }.sorted { $0.timeMS < $1.timeMS }
        stage = orders.isEmpty ? nil : Self.stages[min(4, Int(idle / (90 * Self.dayMS)))]
        rfmClass = orders.isEmpty ? nil : Self.classes[Int(draw(8))]
    }

    var isMerged: Bool { number % Self.mergedEvery == 0 }
    var sourceID: Int64 { number % 4 + 1 }
    var eventCount: Int64 { number <= BaseSize.heavyPeople ? BaseSize.heavyEvents : Int64(digits % 40) + 1 }
    var netSpend: Int64 { orders.reduce(0) { $0 + $1.net } }

    /// Kinds, values and whom they belong to: an anonymous id, and of those who gave it a number, a phone, an address.
    var identities: [(kind: String, value: String, owner: Int64)] {
        let anonymous = ("anonymous_id", String(digits, radix: 16) + "-" + String(number, radix: 16))
        let owner = isMerged ? number - 1 : number
        var found = [(anonymous.0, anonymous.1, owner)]
        guard isIdentified else { return found }
        found.append(("user_id", "u\(number)", owner))
        found.append(("phone", "+8613" + String(1_000_000_000 + number).dropFirst(), owner))
        if digits % 2 == 0 { found.append(("email", "u\(number)@example.com", owner)) }
        return found
    }

    /// The document of `profiles.state`: identities counted, and a handful of traits.
    var state: String {
        let counts = Dictionary(identities.map { ($0.kind, 1) }, uniquingKeysWith: +).sorted { $0.key < $1.key }
        let known = counts.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
        guard let name else { return "{\"n\":{\(known)}}" }
        func trait(_ key: String, _ value: String) -> String { "\"\(key)\":{\"v\":[\(firstSeenMS),\"\(value)\"]}" }
        let traits = [
            trait("birthday", LocalCalendar.text(ofDay: Int64(digits % 12_000))),
            trait("city", Self.cities[Int(digits % 8)]), trait("favourite_tea", "岩茶"),
            trait("gender", digits % 3 == 0 ? "男" : "女"), trait("name", name), trait("register_channel", "wechat"),
        ]
        return "{\"n\":{\(known)},\"t\":{\(traits.joined(separator: ","))}}"
    }
}

/// How large a base is.
struct BaseSize: Sendable {
    var people: Int64
    var events: Int64
    var ordersTimes = 1

    /// The first few people have very long histories.
    static let heavyPeople: Int64 = 3
    static let heavyEvents: Int64 = 100_000
}
