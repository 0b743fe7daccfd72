import Testing

@testable import Engine

@Suite("Work shared out over cores")
struct CoresTests {
    private struct Refused: Error, Equatable {
        var number: Int
    }

    @Test("what comes out is in the order of what went in", arguments: [0, 1, 99, 100, 199, 200, 201, 1_003])
    func order(count: Int) throws {
        let items = Array(0..<count)
        #expect(try Cores.map(items) { $0 * 2 } == items.map { $0 * 2 })
    }

    @Test("of several that are refused the first is told, whichever thread met it")
    func refusal() {
        #expect(throws: Refused(number: 7)) {
            try Cores.map(Array(0..<1_000)) { number in
                if [7, 300, 600, 999].contains(number) { throw Refused(number: number) }
                return number
            }
        }
    }
}
