import ArgumentParser
import Engine
import Foundation
import Storage

/// `perennial bench coupons`: a batch of codes, and a cart against everything that a person holds.
struct BenchCoupons: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coupons",
        abstract: "Draw a batch of codes, and judge carts against the coupons of a person.",
        discussion: """
            Needs a fresh data folder. Codes go through the same job as in a server; carts through the same question as
            over the API, the store included, HTTP not.

            EXAMPLE
              perennial bench coupons --data /tmp/bench --codes 1000000 --held 200
            """)

    @OptionGroup var options: PlatformOptions
    @Option(help: "How many codes.")
    var codes: Int64 = 1_000_000
    @Option(help: "How many coupons the person holds, each of a definition of its own.")
    var held = 200
    @Option(help: "How many carts are judged.")
    var carts = 500
    @Flag(help: "Print one JSON object instead of text.")
    var json = false

    func validate() throws {
        guard codes < 1 || held < 1 || carts < 1 else { return }
        throw ValidationError("--codes, --held and --carts must be at least 1.")
    }

    private struct Figures: Encodable {
        var codes: Int64
        var codesSeconds: Double
        var held: Int
        var carts: Int
        var millisecondsMedian: Double
        var milliseconds95: Double
        var applied: Int
        var proved: Int
    }

    func run() async throws {
        let figures = try await options.withPlatform(analytics: .none) { platform in
            let seconds = try await draw(platform)
            let person = try await Self.person(holding: held, platform)
            let (times, applied, proved) = try await judge(person, platform)
            return Figures(
                codes: codes, codesSeconds: seconds, held: held, carts: carts,
                millisecondsMedian: times[times.count / 2],
                milliseconds95: times[times.count * 95 / 100], applied: applied, proved: proved)
        }
        if json {
            print(try StoredDocument.text(figures))
        } else {
            print(
                """
                \(figures.codes) codes in \(figures.codesSeconds) s
                \(figures.carts) carts against \(figures.held) coupons: median \(figures.millisecondsMedian) ms, \
                95 of 100 below \(figures.milliseconds95) ms; \(figures.applied) coupons apply to a cart on average, \
                \(figures.proved) combinations proved best
                """)
        }
    }

    private func draw(_ platform: Platform) async throws -> Double {
        let effects = platform.effects
        let number = codes
        let batch = try await platform.store.write { connection in
            let definition = try CouponDefinitions.create(
                name: "Codes \(effects.randomHex(bytes: 4))", CouponRule(.percent(1_000, max: nil), currency: "CNY"),
                by: commandLineActor, effects: effects, connection)
            return try CouponBatches.ask(
                definition.id, pattern: "SPRING-####-####C", count: number, by: commandLineActor, effects: effects,
                connection)
        }
        let clock = ContinuousClock()
        let began = clock.now
        _ = try await JobRunner(platform: platform).drain()
        let seconds = Self.milliseconds(clock.now - began) / 1_000
        let made = try await platform.store.read { try CouponBatches.get(batch.id, $0).made }
        guard made == codes else { throw CommandFailure("\(made) codes were made.", remedy: "Look at the log.") }
        return seconds
    }

    /// A person who holds coupons of many kinds, a few of each group.
    static func person(holding count: Int, _ platform: Platform) async throws -> Int64 {
        let effects = platform.effects
        let event = IncomingEvent(
            kind: .identify, name: "identify", messageID: effects.randomHex(bytes: 8),
            identities: [IdentityClaim(kind: "user_id", value: "bench")], time: effects.now(),
            receivedAt: effects.now())
        try await Ingest(platform: platform, signal: LogSignal()).append(IncomingBatch(sourceID: 1, events: [event]))
        try await Processor(platform: platform, signal: LogSignal()).catchUp()
        return try await platform.store.write { connection in
            let person = try connection.first("SELECT profile_id FROM identities WHERE value = 'bench'")?.int(0) ?? 0
            for number in 0..<count {
                let definition = try CouponDefinitions.create(
                    name: "Held \(number) \(effects.randomHex(bytes: 4))", rule(number), by: commandLineActor,
                    effects: effects, connection)
                _ = try CouponIssuing.issue(
                    definition.id, to: person, key: "bench:\(definition.id)", by: commandLineActor, at: effects.now(),
                    effects, connection)
            }
            return person
        }
    }

    private static func rule(_ number: Int) -> CouponRule {
        let value = Int64(number)
        let benefit: CouponBenefit =
            switch number % 4 {
            case 0: .amount(500 + value * 37, keepsRest: false)
            case 1: .percent(500 + value * 11, max: 5_000 + value * 10)
            case 2: .freeItem(skus: ["SKU-\(number % 20)"], quantity: 1)
            default: .shipping(max: 500 + value)
            }
        var rule = CouponRule(benefit, currency: "CNY")
        rule.minimum = value % 7 * 3_000
        if number % 3 == 0 { rule.categories.only = ["category-\(number % 5)", "category-\((number + 1) % 5)"] }
        if number % 5 == 0 { rule.stores.only = ["store-1", "store-2"] }
        if number % 6 == 0 { rule.weekdays = [1, 2, 3, 4, 5, 6, 7] }
        if number % 11 == 0 { rule.isFirstOrderOnly = true }
        rule.limits.usedPerPerson = 3
        rule.stacking = CouponStacking(
            group: "group-\(number % 12)", mode: number % 17 == 0 ? .exclusive : number % 5 == 1 ? .sum : .bestOf)
        return rule
    }

    private func judge(
        _ person: Int64, _ platform: Platform
    ) async throws -> (times: [Double], applied: Int, proved: Int) {
        let clock = ContinuousClock()
        var times: [Double] = []
        var (applied, proved) = (0, 0)
        for number in 0..<carts {
            let cart = Self.cart(number)
            let began = clock.now
            let answer = try await Coupons.validate(
                Coupons.Question(codes: nil, profile: person, cart: cart), by: CouponCaller(commandLineActor), platform)
            times.append(Self.milliseconds(clock.now - began))
            applied += answer.items.filter { $0.refusals.isEmpty }.count
            proved += answer.best.isProved ? 1 : 0
        }
        return (times.sorted(), applied / carts, proved)
    }

    /// Ten lines.
    static func cart(_ number: Int) -> CouponCart {
        CouponCart(
            (0..<10).map { line in
                CouponCart.Line(
                    id: String(line), sku: "SKU-\((number + line) % 20)", category: "category-\(line % 5)",
                    brand: "brand", quantity: Int64(1 + (number + line) % 3),
                    unitPrice: Int64(1_000 + (number * 131 + line * 977) % 20_000))
            }, store: "store-\(number % 3)", channel: "pos", currency: "CNY", shipping: 1_200)
    }

    static func milliseconds(_ duration: Duration) -> Double {
        let parts = duration.components
        return Double(parts.seconds) * 1_000 + Double(parts.attoseconds) / 1e15
    }
}
