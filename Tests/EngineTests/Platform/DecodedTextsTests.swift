import Testing

@testable import Engine

@Suite("Decoded texts")
struct DecodedTextsTests {
    private struct Refusal: Error {}

    @Test("a text is decoded once, and what cannot be decoded is tried again")
    func once() throws {
        let known = DecodedTexts<Int>(limit: 10)
        var decoded: [String] = []
        func ask(_ text: String) throws -> Int {
            try known.value(of: text) { text in
                decoded.append(text)
                guard let number = Int(text) else { throw Refusal() }
                return number
            }
        }
        for _ in 0..<3 { #expect(try ask("7") == 7) }
        #expect(try ask("8") == 8)
        for _ in 0..<2 { #expect(throws: Refusal.self) { try ask("x") } }
        #expect(decoded == ["7", "8", "x", "x"])
    }

    @Test("texts that are equal but not the same are told apart")
    func exact() {
        let known = DecodedTexts<[UInt8]>(limit: 10)
        let (one, two) = ("caf\u{E9}", "cafe\u{301}")
        #expect(one == two)
        for text in [one, two, one, two] { #expect(known.value(of: text) { Array($0.utf8) } == Array(text.utf8)) }
    }

    @Test("no more texts are remembered than the limit")
    func limit() {
        let known = DecodedTexts<Int>(limit: 3)
        var count = 0
        func ask(_ text: String) {
            _ = known.value(of: text) { _ in
                count += 1
                return count
            }
        }
        for text in ["a", "b", "c", "a", "d", "a"] { ask(text) }
        #expect(count == 5)
    }
}
