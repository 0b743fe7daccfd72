/// Everything one person does over the whole period, as moments.
struct DemoLife {
    private static let millisecondsPerDay: Int64 = 86_400_000
    /// The brand lives in UTC+8, which has no summer time.
    static let zoneMilliseconds: Int64 = 8 * 3_600_000
    private static let visitsMax = 400

    private let person: DemoPerson
    private let calendar: DemoCalendar
    private let end: Int64
    private var random: SplitMix64
    private var isKnown = false
    private var number: Int32 = 0
    private(set) var moments: [DemoMoment] = []

    init(_ person: DemoPerson, calendar: DemoCalendar, end: Timestamp) {
        self.person = person
        self.calendar = calendar
        self.end = end.milliseconds
        random = SplitMix64(seed: person.life)
        live()
    }

    private mutating func live() {
        var day = person.firstDay
        for _ in 0..<random.poisson(mean: 0.9) where day < calendar.lastDay {
            visit(day, buys: false)
            day += 1 + Int(random.exponential(mean: 4))
        }
        switch person.sort {
        case .passerby: browse(from: day, times: 1 + random.poisson(mean: 1.6), meanGap: 12)
        case .registered:
            visit(day, buys: false, signsIn: true)
            browse(from: day + 2, times: random.poisson(mean: 5), meanGap: 30)
        case .buyer(let perYear, let dropout): buy(from: day, perYear: perYear, dropout: dropout)
        case .regular(let gap, let dropout): buyRegularly(from: day, gapDays: gap, dropout: dropout)
        }
    }

    private mutating func browse(from day: Int, times: Int, meanGap: Double) {
        var day = day
        for _ in 0..<times {
            day += 1 + Int(random.exponential(mean: meanGap))
            guard day <= calendar.lastDay else { return }
            visit(day, buys: false)
        }
    }

    /// Purchases at a rate in the brand's own time (which runs faster at festivals), until they drop out; a few come
    /// back months later.
    private mutating func buy(from first: Int, perYear: Double, dropout: Double) {
        var day = first
        let meanBusiness = 365 / perYear
        for _ in 0..<Self.visitsMax {
            guard day <= calendar.lastDay else { return }
            visit(day, buys: true)
            if random.chance(dropout) {
                browse(from: day, times: random.poisson(mean: 1.2), meanGap: 25)
                guard random.chance(0.09) else { return }
                day += 120 + Int(random.exponential(mean: 70))
                continue
            }
            let now = calendar.business(upTo: day)
            let next = max(calendar.day(atBusiness: now + random.exponential(mean: meanBusiness)), day + 1)
            wander(between: day, and: next)
            day = next
        }
    }

    private mutating func buyRegularly(from first: Int, gapDays: Double, dropout: Double) {
        var day = first
        for _ in 0..<Self.visitsMax {
            guard day <= calendar.lastDay else { return }
            visit(day, buys: true)
            guard !random.chance(dropout) else { return browse(from: day, times: 2, meanGap: 20) }
            let next = day + max(1, Int(random.normal(mean: gapDays, deviation: gapDays * 0.15).rounded()))
            wander(between: day, and: next)
            day = next
        }
    }

    /// Visits without a purchase between two purchases.
    private mutating func wander(between day: Int, and next: Int) {
        let last = min(next, calendar.lastDay + 1)
        guard last - day > 2 else { return }
        let mean = min(7, Double(last - day) / 14)
        for _ in 0..<random.poisson(mean: mean) {
            visit(random.whole(day + 1...last - 1), buys: false)
        }
    }

    // MARK: One visit

    private mutating func visit(_ day: Int, buys: Bool, signsIn: Bool = false) {
        guard calendar.firstDay...calendar.lastDay ~= day else { return }
        let source = touchpoint(buys: buys)
        let start = moment(on: day, source)
        if source == .pos { return visitStore(start, buys: buys) }
        let device: UInt8 = random.chance(0.12) ? 1 : 0
        var time = start
        let looks = 1 + random.poisson(mean: buys ? 2.6 : 2.0)
        add(.page, time, source, device)
        for _ in 0..<looks {
            time += Int64(8_000 + random.exponential(mean: 45_000))
            add(act(), time, source, device)
        }
        if buys || signsIn || (person.isKnown && !isKnown && random.chance(0.35)) {
            time += Int64(random.exponential(mean: 20_000)) + 2_000
            signIn(time, source, device)
        }
        if buys {
            order(time + 5_000, source, device)
        } else if random.chance(0.22) {
            add(.cart, time + 9_000, source, device)
        }
    }

    private mutating func act() -> DemoMoment.Act {
        switch random.unit() {
        case ..<0.46: .product
        case ..<0.64: .page
        case ..<0.80: .list
        case ..<0.89: .search
        case ..<0.97: .article
        default: .share
        }
    }

    private mutating func visitStore(_ time: Int64, buys: Bool) {
        if random.chance(0.25) { add(.scan, time, .wechat, 0) }
        guard buys else {
            if !random.chance(0.3) { add(.page, time + 60_000, .wechat, 0) }
            return
        }
        if !isKnown { signIn(time + 120_000, .pos, 0) }
        order(time + 300_000, .pos, 0)
    }

    private mutating func signIn(_ time: Int64, _ source: DemoSource, _ device: UInt8) {
        guard person.isKnown else { return }
        let isFirst = !isKnown
        isKnown = true
        if isFirst {
            add(.identify, time, source, device)
            if random.chance(0.5) { add(.consent, time + 1_500, source, device) }
        } else if random.chance(0.04) {
            add(.profile, time, source, device)
        }
    }

    private mutating func order(_ time: Int64, _ source: DemoSource, _ device: UInt8) {
        if source != .pos {
            add(.cart, time, source, device)
            add(.checkout, time + 40_000, source, device)
        }
        let placed = time + 90_000
        let draw = random.next()
        add(.order, placed, source, device, draw: draw)
        let fate = random.unit()
        if fate < 0.012 {
            add(.cancel, placed + 1_800_000, source, device, draw: draw)
        } else if fate < (source == .pos ? 0.024 : 0.055) {
            let days = Int64(2 + random.exponential(mean: 4))
            add(.refund, placed + days * Self.millisecondsPerDay, source, device, draw: draw)
        } else if fate > 0.93, source != .pos {
            add(.review, placed + 6 * Self.millisecondsPerDay, source, device, draw: draw)
        }
    }

    /// Mostly the person's own, sometimes another.
    private mutating func touchpoint(buys: Bool) -> DemoSource {
        if random.chance(0.8) {
            // Who buys in a store looks around in the mini program.
            return person.source == .pos && !buys && random.chance(0.7) ? .wechat : person.source
        }
        let other = random.pick([DemoSource.wechat, .wechat, .app, .web, .pos])
        return other == .pos && person.place.stores.isEmpty ? .wechat : other
    }

    private mutating func moment(on day: Int, _ source: DemoSource) -> Int64 {
        let hour = random.index(cumulative: DemoSource.hours(source))
        let inHour = Int64(random.whole(0...3_599_999))
        return Int64(day) * Self.millisecondsPerDay + Int64(hour) * 3_600_000 + inHour - Self.zoneMilliseconds
    }

    private mutating func add(
        _ act: DemoMoment.Act, _ time: Int64, _ source: DemoSource, _ device: UInt8, draw: UInt64? = nil
    ) {
        let draw = draw ?? random.next()
        guard time < end else { return }
        var moment = DemoMoment(
            received: time + Int64(150 + random.exponential(mean: 900)), time: time, person: Int32(person.number),
            number: number, act: act, source: source, device: device, isKnown: isKnown, isRepeat: false, draw: draw)
        number += 1
        let mess = random.unit()
        if source == .pos {
            // Tills send what they have every quarter of an hour.
            moment.received = (time / 900_000 + 1) * 900_000
        } else if mess < 0.004 {
            moment.received = time + Int64(random.exponential(mean: 9 * 3_600_000))
        }
        if moment.received < end { moments.append(moment) }
        if mess > 0.997, moment.received + 2_000 < end {
            moment.isRepeat = true
            moment.received += Int64(2_000 + random.exponential(mean: 30_000))
            if moment.received < end { moments.append(moment) }
        }
    }
}
