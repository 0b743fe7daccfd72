import ArgumentParser
import Engine
import Foundation
import Storage

/// `perennial bench till`: quotes of carts for somebody who holds many coupons, under a program of many rules.
struct BenchTill: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "till",
        abstract: "Ask a till's quotes of a person with many coupons, under a program of many rules.",
        discussion: """
            Needs a fresh data folder, and leaves in it what `make bench` then asks for over HTTP. Quotes are asked here
            twice, the store included, HTTP not: as a process that keeps the program in memory does, and as one that reads
            it each time.

            EXAMPLE
              perennial bench till --data /tmp/bench --held 200 --rules 50
            """)

    @OptionGroup var options: PlatformOptions
    @Option(help: "How many coupons the person holds, each of a definition of its own.")
    var held = 200
    @Option(help: "How many rules the program has.")
    var rules = 50
    @Option(help: "How many carts are asked about.")
    var carts = 300
    @Flag(help: "Print one JSON object instead of text.")
    var json = false

    func validate() throws {
        guard held < 1 || rules < 1 || carts < 1 else { return }
        throw ValidationError("--held, --rules and --carts must be at least 1.")
    }

    private struct Times: Encodable {
        var millisecondsMedian: Double
        var milliseconds95: Double

        init(_ times: [Double]) {
            let sorted = times.sorted()
            millisecondsMedian = sorted[sorted.count / 2]
            milliseconds95 = sorted[sorted.count * 95 / 100]
        }
    }

    private struct Figures: Encodable {
        var held: Int
        var rules: Int
        var carts: Int
        var kept: Times
        var readEachTime: Times
        /// For asking the same over HTTP.
        var secret: String
        var profile: String
        var questions: [String]
    }

    func run() async throws {
        let figures = try await options.withPlatform(analytics: .none) { platform in
            let person = try await BenchCoupons.person(holding: held, platform)
            let secret = try await prepare(person, platform)
            let memory = TillMemory()
            // The first one of a process reads everything.
            _ = try await ask(0, person, platform, memory)
            var (kept, read): ([Double], [Double]) = ([], [])
            for number in 0..<carts {
                kept.append(try await ask(number, person, platform, memory))
                read.append(try await ask(number, person, platform, TillMemory()))
            }
            return Figures(
                held: held, rules: rules, carts: carts, kept: Times(kept), readEachTime: Times(read), secret: secret,
                profile: String(person), questions: (0..<carts).map { Self.question($0, person).text() })
        }
        if json {
            print(try StoredDocument.text(figures))
        } else {
            print(
                """
                \(figures.carts) quotes against \(figures.held) coupons and \(figures.rules) rules: median \
                \(figures.kept.millisecondsMedian) ms, 95 of 100 below \(figures.kept.milliseconds95) ms; with the program \
                read each time median \(figures.readEachTime.millisecondsMedian) ms, 95 of 100 below \
                \(figures.readEachTime.milliseconds95) ms
                """)
        }
    }

    /// The program, the person's membership, and a key to ask with.
    private func prepare(_ person: Int64, _ platform: Platform) async throws -> String {
        let (effects, document) = (platform.effects, Self.program(rules))
        return try await platform.store.write { connection in
            if try PointsCurrencies.stored("points", connection) == nil {
                _ = try PointsCurrencies.create(
                    PointsCurrency(code: "points", expiry: .rolling(months: 12), valuePerThousand: 1_000),
                    at: effects.now(), connection)
            }
            _ = try ProgramVersions.install(
                title: "Bench", document: document, by: commandLineActor, effects: effects, connection)
            _ = try ProgramMembers.enrol(profile: person, effects: effects, connection)
            return try APIKeys.create(
                name: "bench \(effects.randomHex(bytes: 4))", scopes: [.loyaltyRead, .loyaltyWrite],
                by: commandLineActor, connection, effects
            ).secret
        }
    }

    /// Rules of the usual kinds, with conditions on goods, stores, days and sums.
    private static func program(_ count: Int) -> String {
        let rules = (0..<count).map { number in
            var when: [String] = []
            if number % 2 == 1 {
                when.append(
                    #"{"kind":"product","field":"category","values":["category-\#(number % 5)"]}"#)
            }
            if number % 3 == 1 { when.append(#"{"kind":"store","values":["store-\#(number % 3)","store-9"]}"#) }
            if number % 5 == 1 { when.append(#"{"kind":"order_sum","is":"at_least","value":\#(number * 10)}"#) }
            if number % 7 == 1 { when.append(#"{"kind":"weekday","days":[1,2,3,4,5,6,7]}"#) }
            let kind =
                switch number % 4 {
                case 0: #""kind":"order_amount","points":1,"per":\#(1 + number)"#
                case 1: #""kind":"order_unit","points":\#(1 + number % 9),"units":1"#
                case 2: #""kind":"order_fixed","points":\#(1 + number % 9)"#
                default: #""kind":"multiplier","times":1.\#(1 + number % 8)"#
                }
            let group = #""group":"group-\#(number % 6)""#
            return #"{"id":"rule-\#(number)",\#(kind),\#(group),"when":[\#(when.joined(separator: ","))]}"#
        }
        let groups = (0..<6).map { #"{"name":"group-\#($0)","take":"\#($0 % 2 == 0 ? "best" : "sum")"}"# }
        let (all, several) = (rules.joined(separator: ","), groups.joined(separator: ","))
        return #"{"enrolment":{"when":"asked"},"rules":[\#(all)],"groups":[\#(several)]}"#
    }

    private func ask(
        _ number: Int, _ person: Int64, _ platform: Platform, _ memory: TillMemory
    ) async throws -> Double {
        let clock = ContinuousClock()
        let sale = Till.Sale(order: "", who: .profile(person), cart: BenchCoupons.cart(number))
        let began = clock.now
        _ = try await TillQuote.ask(sale, by: CouponCaller(commandLineActor), platform, memory)
        return BenchCoupons.milliseconds(clock.now - began)
    }

    /// The same as the body of a request.
    private static func question(_ number: Int, _ person: Int64) -> JSONValue {
        let cart = BenchCoupons.cart(number)
        return [
            "who": ["profile_id": .string(String(person))],
            "cart": [
                "store": .string(cart.store), "channel": .string(cart.channel), "currency": .string(cart.currency),
                "shipping": .integer(cart.shipping),
                "lines": .array(
                    cart.lines.map { line in
                        [
                            "id": .string(line.id), "sku": .string(line.sku), "category": .string(line.category),
                            "brand": .string(line.brand), "quantity": .integer(line.quantity),
                            "unit_price": .integer(line.unitPrice),
                        ]
                    }),
            ],
        ]
    }
}
