/// A channel code of the demo brand: where it hangs, and whom it meets there.
struct DemoCode {
    let name: String
    let kind: ChannelCodeKind
    let owner: String
    let code: String
    /// Where those who come by it live, mostly.
    let city: String

    static let host = "www.shanlantea.example"
    static let target = "https://\(host)/new"
    static let campaignName = "春茶上市"

    static let all: [DemoCode] = [
        DemoCode(name: "西湖店收银台", kind: .store, owner: "杭州西湖店", code: "xihu-till", city: "杭州"),
        DemoCode(name: "地铁海报", kind: .poster, owner: "上海徐家汇站", code: "xjh-poster", city: "上海"),
        DemoCode(name: "导购小陈", kind: .staff, owner: "成都太古里店", code: "chen", city: "成都"),
    ]

    private static let citizens = 0.4
    private static let travellers = 0.05

    var campaign: ChannelCode.Campaign {
        ChannelCode.Campaign(source: "offline", medium: kind.rawValue, name: DemoCode.campaignName)
    }

    /// Which code somebody comes by, counted from 1; nil for most.
    static func met(by person: DemoPerson, _ random: inout SplitMix64) -> UInt8? {
        if let home = all.firstIndex(where: { $0.city == person.place.city }) {
            return random.chance(citizens) ? UInt8(home + 1) : nil
        }
        return random.chance(travellers) ? UInt8(random.whole(1...all.count)) : nil
    }
}
