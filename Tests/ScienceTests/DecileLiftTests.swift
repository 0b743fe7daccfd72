import Testing

@testable import Science

@Suite("Lift by tenths")
struct DecileLiftTests {
    @Test("a perfect score has all of the outcome in its highest tenth")
    func perfect() {
        let lift = DecileLift((0..<100).map { (score: Double($0), acted: $0 >= 90) })
        #expect(lift.parts.count == 10)
        #expect(lift.parts[0].rate == 1 && lift.parts[0].lift == 10)
        #expect(lift.parts[1...].allSatisfy { $0.rate == 0 })
        #expect(lift.auc == 1)
    }

    @Test("equal scores share their places, whatever the order of the input")
    func ties() {
        let people = (0..<40).map { (score: 5.0, acted: $0 < 10) }
        let (one, other) = (DecileLift(people), DecileLift(people.reversed()))
        #expect(one == other)
        #expect(one.parts.allSatisfy { abs($0.lift - 1) < 1e-9 && abs($0.rate - 0.25) < 1e-9 })
        #expect(one.auc == 0.5)
    }

    @Test("parts add up to everybody, also when they do not divide by ten")
    func odd() {
        let lift = DecileLift((0..<37).map { (score: Double($0 % 7), acted: $0 % 3 == 0) })
        #expect(abs(lift.parts.reduce(0) { $0 + $1.people } - 37) < 1e-6)
        #expect(abs(lift.parts.reduce(0) { $0 + $1.acted } - Double(lift.acted)) < 1e-6)
        #expect(DecileLift([]).parts.isEmpty && DecileLift([]).auc == nil)
    }
}
