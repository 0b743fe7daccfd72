/// Who a person of the demo brand is and how they behave, drawn once from the seed.
struct DemoPerson {
    enum Sort {
        /// Looks around and never says who they are.
        case passerby
        /// Registers and never buys.
        case registered
        /// Buys at a rate of their own until they drop out: the BG/NBD story of Fader, Hardie and Lee, “Counting your
        /// customers the easy way” (2005).
        case buyer(perYear: Double, dropout: Double)
        /// Buys the same tea again every so many days.
        case regular(gapDays: Double, dropout: Double)
    }

    let number: Int
    let sort: Sort
    let isFemale: Bool
    let name: String
    let place: DemoPlace
    let birthYear: Int
    let birthDay: Int
    /// What they mostly drink.
    let category: String
    /// 0.6…2.5: how expensive and how much.
    let taste: Double
    let source: DemoSource
    let phone: String
    let hasEmail: Bool
    let firstDay: Int
    /// A family member whose browser or phone they use, if any.
    let sharesDeviceOf: Int?
    let wantsMessages: Bool
    /// The seed of everything they do.
    let life: UInt64

    init(number: Int, people: Int, seed: UInt64, calendar: DemoCalendar) {
        var random = SplitMix64(seed: seed, part: UInt64(number) &* 2 &+ 1)
        self.number = number
        let sortDraw = random.unit()
        isFemale = random.chance(0.58)
        name = DemoNames.name(isFemale: isFemale, &random)
        place = DemoPlace.all[random.index(cumulative: DemoPlace.cumulative)]
        birthYear = 2026 - Int(max(18, min(78, random.normal(mean: 37, deviation: 11))))
        birthDay = random.whole(0...364)
        category = DemoProduct.categories[random.whole(0...4)]
        taste = max(0.6, min(2.5, 1 + random.normal(deviation: 0.45)))
        source = DemoPerson.source(at: place, &random)
        phone = DemoPerson.phone(&random)
        hasEmail = random.chance(0.22)
        // A third were customers when recording began; the others come with the business, more at festivals.
        firstDay =
            random.chance(0.3)
            ? calendar.firstDay + Int(random.exponential(mean: 25)) % 90 : calendar.day(atShare: random.unit())
        sharesDeviceOf = number > 0 && random.chance(0.015) ? random.whole(0...number - 1) : nil
        wantsMessages = random.chance(0.72)
        sort = DemoPerson.sort(sortDraw, &random)
        life = random.next()
    }

    private static func sort(_ draw: Double, _ random: inout SplitMix64) -> Sort {
        switch draw {
        case ..<0.14: return .passerby
        case ..<0.30: return .registered
        case ..<0.37:
            let gap = random.pick([14.0, 21, 28, 30, 30, 45, 60])
            return .regular(gapDays: gap * max(0.8, random.normal(mean: 1, deviation: 0.1)), dropout: 0.035)
        default:
            let perYear = min(30, random.gamma(shape: 1.1, scale: 4.6) + 0.5)
            return .buyer(perYear: perYear, dropout: random.beta(0.9, 2.1))
        }
    }

    private static func source(at place: DemoPlace, _ random: inout SplitMix64) -> DemoSource {
        let draw = random.unit()
        if !place.stores.isEmpty, draw < 0.3 { return .pos }
        switch random.unit() {
        case ..<0.56: return .wechat
        case ..<0.80: return .app
        default: return .web
        }
    }

    private static func phone(_ random: inout SplitMix64) -> String {
        let prefix = random.pick(["138", "139", "136", "158", "188", "186", "177", "133", "150", "199"])
        let rest = String(random.whole(0...99_999_999))
        return prefix + String(repeating: "0", count: 8 - rest.utf8.count) + rest
    }

    var isKnown: Bool {
        if case .passerby = sort { return false }
        return true
    }

    var userID: String { "SL" + String(100_000 + number) }
    var memberID: String { "8600" + String(2_000_000 + number) }
    var email: String { "demo\(number)@example.com" }
    var openID: String { "wx5hanlan:o" + DemoPerson.code(life, salt: 1) }
    var unionID: String { "u" + DemoPerson.code(life, salt: 2) }

    /// The name that a browser or phone gives itself; people who share one share it.
    func anonymousID(_ source: DemoSource, device: Int) -> String {
        let owner = sharesDeviceOf.map(UInt64.init) ?? UInt64(number)
        return DemoPerson.code(owner &* 1_000_003, salt: UInt64(source.rawValue * 8 + device) + 16)
    }

    private static func code(_ seed: UInt64, salt: UInt64) -> String {
        var random = SplitMix64(seed: seed, part: salt)
        let text = String(random.next(), radix: 36) + String(random.next() >> 20, radix: 36)
        return text
    }
}
