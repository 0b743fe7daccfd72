import Testing

@testable import Engine

@Suite("Coupon codes")
struct CouponPatternTests {
    @Test("codes follow their pattern, in an alphabet that nobody misreads, with a check character")
    func pattern() throws {
        let pattern = try CouponPattern("SPRING-####-####C")
        #expect(pattern.drawn == 8 && pattern.bits == 39)
        var random = CouponRandom(Effects.live.randomBytes)
        for _ in 0..<200 {
            let code = pattern.code(&random)
            #expect(code.count == 17 && code.hasPrefix("SPRING-") && CouponPattern.isIntact(code))
            #expect(!code.dropFirst(7).contains { "01OIL".contains($0) })
        }
        #expect(try CouponPattern("EXTRA-########C").code(&random).hasPrefix("EXTRA-"))
    }

    @Test("one wrong character and two swapped neighbours are always noticed")
    func check() throws {
        let pattern = try CouponPattern("####-####-####C")
        var random = CouponRandom(Effects.live.randomBytes)
        let alphabet = CouponPattern.alphabet.map { Character(Unicode.Scalar($0)) }
        for _ in 0..<20 {
            let code = Array(pattern.code(&random))
            for place in code.indices where code[place] != "-" {
                for other in alphabet where other != code[place] {
                    var wrong = code
                    wrong[place] = other
                    #expect(!CouponPattern.isIntact(String(wrong)))
                }
                guard place + 1 < code.count, code[place + 1] != "-", code[place + 1] != code[place] else { continue }
                var swapped = code
                swapped.swapAt(place, place + 1)
                #expect(!CouponPattern.isIntact(String(swapped)))
            }
        }
    }

    @Test("what is typed is read as it was meant")
    func typed() {
        #expect(CouponPattern.normal(" spring-ab2c　") == "SPRING-AB2C")
        #expect(CouponPattern.normal("ＳＰＲＩＮＧ－ＡＢ２Ｃ") == "SPRING-AB2C")
        #expect(CouponPattern.normal("spring–ab2c") == "SPRING-AB2C")
    }

    @Test(
        "patterns that cannot be used are refused",
        arguments: ["", "####", "spring-##C", "SPRING-C", "AB C##C", "Ä##C", String(repeating: "#", count: 60) + "C"])
    func refused(text: String) {
        #expect(throws: CouponError.self) { try CouponPattern(text) }
    }

    @Test("a hundred thousand draws are different, ascending and as many as asked for")
    func draw() throws {
        let codes = CouponBatchJob.draw(100_000, try CouponPattern("####-####-####C"), .live)
        #expect(codes.count == 100_000 && Set(codes).count == 100_000 && codes == codes.sorted())
        // Nearly all of the codes of a small pattern: what was drawn before is drawn again.
        #expect(Set(CouponBatchJob.draw(900, try CouponPattern("##C"), .live)).count == 900)
    }

    @Test("every character is drawn as often as any other")
    func fair() throws {
        var random = CouponRandom(Effects.live.randomBytes)
        var counts = [Int](repeating: 0, count: 31)
        for _ in 0..<31_000 { counts[random.next(below: 31)] += 1 }
        // 1,000 expected of each; six standard deviations are 187.
        #expect(counts.allSatisfy { (810...1_190).contains($0) })
    }
}
