import Testing

@testable import Engine

@Suite("JSON texts")
struct JSONTextTests {
    @Test("integers are written digit by digit, the smallest and the largest too")
    func integers() {
        var numbers: [Int64] = [0, 9, 10, 99, 1_790_000_000_000, .max, .min, .min + 1]
        numbers += (0..<63).map { Int64(1) << $0 }
        for number in numbers + numbers.map({ 0 &- $0 }) {
            var bytes = Array("x".utf8)
            JSONText.append(number, to: &bytes)
            #expect(String(decoding: bytes, as: UTF8.self) == "x\(number)")
        }
    }
}
