/// What the tracker records of visits to the brand's site, and who came by its channel codes: of the last weeks, beside the
/// life that somebody leads anyway.
///
/// Drawn by a generator of its own, so that everything else of a seed stays as it is.
struct DemoVisits {
    static let days: Int64 = 60
    /// Of visits to the site so many are recorded on one of the pages.
    private static let recorded = 0.6
    private static let scansMax = 3
    private static let clicksMax = 12
    private static let rage = 0.05
    /// Past the numbers of everything else that somebody does.
    private static let firstNumber: Int32 = 1_000_000
    private static let millisecondsPerDay: Int64 = 86_400_000

    private let person: DemoPerson
    private let end: Int64
    private let knownFrom: Int64
    private var random: SplitMix64
    private var number = DemoVisits.firstNumber
    private(set) var moments: [DemoMoment] = []

    init(_ person: DemoPerson, beside life: [DemoMoment], end: Timestamp) {
        self.person = person
        self.end = end.milliseconds
        knownFrom = life.first { $0.act == .identify }?.time ?? .max
        random = SplitMix64(seed: person.life, part: 0x5EE)
        let since = self.end - Self.days * Self.millisecondsPerDay
        let lately = life.filter { $0.time > since && !$0.isRepeat }
        for moment in lately where moment.source == .web && moment.act == .page {
            if random.chance(Self.recorded) { visit(moment.time + 20_000, device: moment.device, code: 0) }
        }
        guard !lately.isEmpty, let code = DemoCode.met(by: person, &random) else { return }
        for _ in 0..<random.whole(1...Self.scansMax) {
            // Who is about their tea that day anyway comes by the code first.
            let time = random.pick(lately).time - Int64(random.whole(120_000...900_000))
            add(.code, time, .codes, device: 1, code: code, draw: random.next(), step: 0)
            visit(time + 1_500, device: 1, code: code)
        }
    }

    private mutating func visit(_ start: Int64, device: UInt8, code: UInt8) {
        let draw = random.next()
        func later(_ mean: Double) -> Int64 { 2_000 + Int64(random.exponential(mean: mean)) }
        var time = start
        add(.session, time, .web, device: device, code: code, draw: draw, step: 0)
        add(.seen, time + 200, .web, device: device, code: code, draw: draw, step: 0)
        let clicks = min(random.poisson(mean: 2.4), Self.clicksMax)
        for step in 0..<clicks {
            time += later(9_000)
            // Who clicks in rage clicks the same thing three times.
            for again in 0..<(random.chance(Self.rage) ? 3 : 1) {
                add(
                    .click, time + Int64(again) * 350, .web, device: device, code: code, draw: draw,
                    step: UInt8(step + 1))
            }
        }
        time += later(12_000)
        add(.dwell, time, .web, device: device, code: code, draw: draw, step: UInt8(clicks + 1))
    }

    private mutating func add(
        _ act: DemoMoment.Act, _ time: Int64, _ source: DemoSource, device: UInt8, code: UInt8, draw: UInt64,
        step: UInt8
    ) {
        let received = time + 150 + Int64(random.exponential(mean: 700))
        number += 1
        guard received < end else { return }
        moments.append(
            DemoMoment(
                received: received, time: time, person: Int32(person.number), number: number, act: act, source: source,
                device: device, isKnown: time >= knownFrom, isRepeat: false, draw: draw, code: code, step: step))
    }
}
