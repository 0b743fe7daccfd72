import Storage

@testable import Engine

/// Random definitions and people out of few words, so that conditions often meet what they ask for.
struct RandomCriteria {
    var random: SeededGenerator
    let calendar: LocalCalendar
    let now: Timestamp

    static let eventNames = ["viewed", "carted", "ordered"]
    private static let contexts = [
        "{}", #"{"userAgent":"Mozilla/5.0 (iPhone; CPU iPhone OS) MicroMessenger/8"}"#,
        #"{"userAgent":"Mozilla/5.0 (Windows NT 10.0)"}"#, #"{"userAgent":"Mozilla/5.0 (X11; Linux; Android 9)"}"#,
    ]
    private static let words = ["北京", "Shanghai", "é", "it's", "a\\b", "5", "5.5", "true", "no", ""]
    private static let traitNames = ["city", "age", "vip", "birthday", "likes", "address.city"]

    mutating func pick<T>(_ values: [T]) -> T { values[Int.random(in: 0..<values.count, using: &random)] }
    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    // People

    mutating func scalar() -> JSONValue {
        switch number(0...5) {
        case 0: return .integer(Int64(number(-3...8)))
        case 1: return .number(Double(number(-30...80)) / 8)
        case 2: return .bool(chance(50))
        case 3: return .string(date())
        default: return .string(pick(Self.words))
        }
    }

    mutating func date() -> String {
        if chance(20) { return pick(["1988-02-29", "2000-02-29"]) }
        return LocalCalendar.text(ofDay: calendar.day(of: now) + Int64(number(-40...40)) - Int64(number(0...3)) * 365)
    }

    mutating func person(_ id: Int64) -> (ArchivedProfile, [CriteriaEvent], [(order: CriteriaOrder, key: Int64)]) {
        var row = Profile(id: id, at: moment(), createdAt: now, sourceID: Int64(number(1...3)))
        row.version = 1
        row.lastSeenMS = now.milliseconds
        row.isIdentified = chance(50)
        row.stage = chance(90) ? pick(StageCondition.names.map(\.0)) : nil
        row.stageSinceMS = row.stage == nil ? nil : moment().milliseconds
        (row.rfmR, row.rfmF, row.rfmM) = (Int64(number(0...5)), Int64(number(0...5)), Int64(number(0...5)))
        row.rfmClass = chance(80) ? pick(RFMClassCondition.names.map(\.0)) : nil
        row.tier = chance(60) ? pick(["member", "silver", "gold"]) : nil
        row.tierSinceMS = row.tier == nil ? nil : moment().milliseconds
        var state = ProfileState()
        for name in ["city", "age", "vip", "birthday"] where chance(70) {
            var entry = TraitEntry()
            entry.set(scalar(), at: 1)
            state.traits[name] = entry
        }
        if chance(50) {
            var entry = TraitEntry()
            entry.set(.array((0..<number(0...3)).map { _ in scalar() }), at: 1)
            state.traits["likes"] = entry
        }
        if chance(50) {
            var entry = TraitEntry()
            entry.set(.object(["city": scalar()]), at: 1)
            state.traits["address"] = entry
        }
        for channel in Consent.channels where chance(60) {
            state.consent[channel] = Consent(isGranted: chance(50), ms: 1, source: "")
        }
        for kind in ["phone", "email"] where chance(50) { state.identityCounts[kind] = 1 }
        let events = (0..<number(0...12)).map { _ in event() }
        let orders = (0..<number(0...3)).map { _ in (order(), Int64(number(1...Int(Int32.max)))) }
        row.orderCount = Int64(orders.count)
        row.netSpend = orders.reduce(0) { $0 + $1.0.net }
        row.firstOrderMS = orders.map(\.0.ms).min()
        row.lastOrderMS = orders.map(\.0.ms).max()
        let tags = [Int64(17), 18].filter { _ in chance(40) }
        var scores: [ProfileScore] = []
        if chance(60) { scores.append(score(27)) }
        let person = ArchivedProfile(
            row, state, chance(30) ? [7] : [], tags: tags, scores: scores, holdings: holdings())
        return (person, events, orders)
    }

    private mutating func holdings() -> CriteriaHoldings {
        var holdings = CriteriaHoldings()
        let today = calendar.day(of: now)
        holdings.isMember = chance(70)
        if holdings.isMember {
            for (code, unit) in [("points", Int64(10_000)), ("growth", 100)] where chance(70) {
                let amounts = (0..<4).map { _ in Int64(number(0...8)) * (10_000 / unit) }
                var points = CriteriaHoldings.Points()
                points.available = chance(10) ? 2_000_000_000_000_000 : amounts[0]
                (points.pending, points.earned, points.unit) = (amounts[1], amounts[2] - amounts[3], unit)
                holdings.points[code] = points
                for _ in 0..<number(0...3) {
                    holdings.lapsing.append(
                        CriteriaHoldings.Lapsing(
                            currency: code, day: today + Int64(number(-2...12)), amount: Int64(number(1...4))))
                }
            }
        }
        for definition in [Int64(37), 38] where chance(60) {
            for _ in 0..<number(1...3) {
                let state = pick(CriteriaHoldings.CouponState.allCases)
                let day = state == .held && chance(70) ? today + Int64(number(-2...12)) : 0
                holdings.coupons.append(
                    CriteriaHoldings.Coupons(
                        definition: definition, state: state, day: day, count: Int64(number(1...2))))
            }
        }
        return holdings
    }

    private mutating func score(_ model: Int64) -> ProfileScore {
        let (fit, engagement) = (Int64(number(-1_500...4_000)), Int64(number(-500...4_000)))
        return ProfileScore(
            modelID: model, total: fit + engagement, fit: fit, engagement: engagement, grade: pick(ScoreGrade.allCases))
    }

    /// Often at the same moment as others, or at the edge of a day.
    mutating func moment() -> Timestamp {
        let day = calendar.start(ofDay: calendar.day(of: now) - Int64(number(0...12)))
        switch number(0...3) {
        case 0: return day
        case 1: return day.adding(milliseconds: -1)
        case 2: return day.adding(milliseconds: Int64(number(0...23)) * 3_600_000)
        default: return day.adding(milliseconds: Int64(number(0...86_399_999)))
        }
    }

    private var position: Int64 = 0

    init(seed: UInt64, calendar: LocalCalendar, now: Timestamp) {
        random = SeededGenerator(seed: seed)
        self.calendar = calendar
        self.now = now
    }

    mutating func event() -> CriteriaEvent {
        position += 1
        var members: [String: JSONValue] = [:]
        if chance(70) { members["price"] = scalar() }
        if chance(50) { members["kind"] = .array((0..<number(0...3)).map { _ in scalar() }) }
        return CriteriaEvent(
            position: position, name: pick(Self.eventNames), time: moment(), properties: FlatValues(members, nil),
            context: pick(Self.contexts))
    }

    private mutating func order() -> CriteriaOrder {
        let lines = (0..<number(0...3)).map { _ in
            var line = CriteriaOrder.Line()
            line.category = CriteriaValue.folded(pick(["茶", "壶", ""]))
            line.sku = CriteriaValue.folded(pick(["A1", "B2"]))
            line.amount = Int64(number(0...5)) * 1_000
            line.quantity = Int64(number(1...3))
            return line
        }
        let time = Timestamp(seconds: moment().seconds)
        return CriteriaOrder(ms: time.milliseconds, net: Int64(number(-1...9)) * 1_000, quantity: 2, lines: lines)
    }

    // Definitions

    mutating func criteria() -> Criteria {
        Criteria(node(depth: 0))
    }

    private mutating func node(depth: Int) -> CriteriaNode {
        if depth < 3, chance(depth == 0 ? 75 : 35) {
            switch number(0...2) {
            case 0: return .all((0..<number(0...3)).map { _ in node(depth: depth + 1) })
            case 1: return .any((0..<number(1...3)).map { _ in node(depth: depth + 1) })
            default: return .not(node(depth: depth + 1))
            }
        }
        let kind = pick(CriteriaCatalog.all)
        var json = fields(kind.kind)
        json["kind"] = .string(kind.kind)
        let notes = CriteriaNotes()
        var count = 0
        let read = CriteriaNode.read(CriteriaReader(.object(json), "random", notes), depth: 1, &count)
        precondition(notes.issues.isEmpty, "\(notes.issues) in \(json)")
        return read
    }

    private mutating func fields(_ kind: String) -> [String: JSONValue] {
        switch kind {
        case "trait": return test(dates: true).merging(["name": .string(pick(Self.traitNames))]) { $1 }
        case "identity": return ["identity": .string(pick(["any_known", "phone", "email"]))]
        case "consent":
            return ["channel": .string(pick(Consent.channels)), "is": .string(pick(["granted", "denied", "unknown"]))]
        case "stage": return ["values": .array([.string(pick(StageCondition.names.map(\.0))), "growth"])]
        case "stage_days": return range(0...12)
        case "tier": return ["values": .array([.string(pick(["member", "silver", "gold"])), "black"])]
        case "tier_days": return range(0...12)
        case "points":
            let figure = pick(PointsCondition.Figure.allCases)
            var own = range(1...8)
            own["currency"] = .string(pick(["points", "growth", "gone"]))
            own["figure"] = .string(figure.rawValue)
            if figure == .expiring { own["days"] = .integer(Int64(number(0...12))) }
            return own
        case "coupons":
            let status = pick(CouponsCondition.Status.allCases)
            var own = chance(50) ? range(0...3) : [:]
            if chance(60) { own["ids"] = .array([.string(pick(["37", "38"])), "39"]) }
            own["status"] = .string(status.rawValue)
            if status == .expiring { own["days"] = .integer(Int64(number(0...12))) }
            return own
        case "rfm_score": return range(0...5).merging(["dimension": .string(pick(["r", "f", "m"]))]) { $1 }
        case "rfm_class": return ["values": [.string(pick(RFMClassCondition.names.map(\.0)))]]
        case "order_figure":
            return range(0...150).merging(["figure": .string(pick(["count", "spend", "average"]))]) { $1 }
        case "moment":
            let moments = ["first_seen", "last_seen", "identified", "first_order", "last_order", "stage_since"]
            return dateTest().merging(["moment": .string(pick(moments))]) { $1 }
        case "source": return ["ids": [.string(String(number(1...3)))]]
        case "score":
            return range(-2...8).merging([
                "model": .string(pick(["27", "28"])), "figure": .string(pick(["total", "fit", "engagement"])),
            ]) { $1 }
        case "score_grade":
            return ["model": .string(pick(["27", "28"])), "values": .array([.string(pick(["A", "C", "D"]))])]
        case "tag": return ["ids": .array((0..<number(1...2)).map { _ in .string(pick(["17", "18", "19"])) })]
        case "segment": return ["id": .string(pick(["7", "8"]))]
        case "did": return behaviour()
        case "sequence":
            return [
                "steps": .array((0..<number(2...3)).map { _ in filter() }),
                "in": pick([["minutes": 90], ["hours": 30], ["days": 4]]), "within": window(since: false),
            ]
        default:
            let lines = (0..<number(0...2)).map { _ -> JSONValue in
                let field = pick(["category", "sku"])
                let words: [JSONValue] = field == "sku" ? ["a1"] : ["茶", "x"]
                return [
                    "field": .string(field), "is": .string(pick(ValueTest.textWords)), "values": .array(words),
                ]
            }
            return [
                "figure": .string(pick(["count", "spend", "quantity"])), "lines": .array(lines),
                "compare": .object(range(0...60)), "within": window(since: false),
            ]
        }
    }

    private mutating func behaviour() -> [String: JSONValue] {
        let measure = pick(Measure.Kind.allCases)
        var own: [String: JSONValue] = ["of": .string(measure.rawValue)]
        if measure != .count { own["property"] = .string(pick(["price", "kind", "none"])) }
        let isFree = measure == .first || measure == .last
        return [
            "event": filter(), "measure": .object(own), "within": window(since: true),
            "compare": .object(isFree && chance(60) ? test(dates: false) : range(-2...6)),
        ]
    }

    private mutating func filter() -> JSONValue {
        var members: [String: JSONValue] = ["names": .array([.string(pick(Self.eventNames))])]
        if chance(30) { members["names"] = .array(Self.eventNames.prefix(2).map(JSONValue.string)) }
        if chance(40) {
            members["where"] = [
                .object(
                    test(dates: false).merging([
                        "property": .string(pick(["price", "kind"])), "not": .bool(chance(30)),
                    ]) { $1 })
            ]
        }
        if chance(15) { members["weekdays"] = [1, 3, 6] }
        if chance(15) { members["devices"] = .array([.string(pick(EventDevice.allCases).rawValue)]) }
        if chance(15) { members["hours"] = .array((0..<12).map { .integer(Int64($0 * 2)) }) }
        return .object(members)
    }

    private mutating func window(since: Bool) -> JSONValue {
        switch number(0...(since ? 3 : 2)) {
        case 0: return ["ever": true]
        case 1: return ["last_days": .integer(Int64(number(1...10)))]
        case 2:
            let today = calendar.day(of: now)
            let from = today - Int64(number(2...12))
            return [
                "from": .string(LocalCalendar.text(ofDay: from)),
                "to": .string(LocalCalendar.text(ofDay: from + Int64(number(0...5)))),
            ]
        default: return ["since": filter()]
        }
    }

    private mutating func range(_ numbers: ClosedRange<Int>) -> [String: JSONValue] {
        let value = chance(20) ? JSONValue.number(Double(number(numbers)) + 0.5) : .integer(Int64(number(numbers)))
        let word = pick(NumberRange.Comparison.allCases)
        var own: [String: JSONValue] = ["is": .string(word.rawValue), "value": value]
        if word == .between { own["upper"] = .integer(Int64(numbers.upperBound + 1)) }
        return own
    }

    private mutating func test(dates: Bool) -> [String: JSONValue] {
        switch number(0...(dates ? 4 : 3)) {
        case 0: return ["is": "set"]
        case 1:
            let words = (0..<number(1...2)).map { _ in JSONValue.string(pick(Self.words.filter { !$0.isEmpty })) }
            return ["is": .string(pick(ValueTest.textWords)), "values": .array(words)]
        case 2: return range(-2...8)
        case 3: return ["is": .string(pick(["true", "false"]))]
        default: return dateTest()
        }
    }

    private mutating func dateTest() -> [String: JSONValue] {
        let word = pick(ValueTest.dateWords + ["set"])
        switch word {
        case "set": return ["is": "set"]
        case "on", "before", "after": return ["is": .string(word), "date": .string(date())]
        case "between_dates":
            let today = calendar.day(of: now)
            return [
                "is": .string(word), "from": .string(LocalCalendar.text(ofDay: today - 20)),
                "to": .string(LocalCalendar.text(ofDay: today - Int64(number(0...20)))),
            ]
        default: return ["is": .string(word), "days": .integer(Int64(number(1...30)))]
        }
    }
}
