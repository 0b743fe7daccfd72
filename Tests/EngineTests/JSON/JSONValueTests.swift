import Engine
import Foundation
import Testing

@Suite("JSON values") struct JSONValueTests {
    @Test("integers are exact to 64 bits, all else is a double")
    func numbers() throws {
        #expect(try JSONValue(parsing: "9223372036854775807") == .integer(.max))
        #expect(try JSONValue(parsing: "-9223372036854775808") == .integer(.min))
        #expect(try JSONValue(parsing: "9223372036854775808") == .number(9_223_372_036_854_775_808))
        #expect(try JSONValue(parsing: "0.1") == .number(0.1))
        #expect(try JSONValue(parsing: "5e-324") == .number(.leastNonzeroMagnitude))
        #expect(try JSONValue(parsing: "1e2").intValue == 100)
        #expect(try JSONValue(parsing: "-0") == .integer(0))
    }

    @Test("the last of repeated keys wins and keys are written sorted")
    func keys() throws {
        let value = try JSONValue(parsing: #"{"b":1,"a":"é\n","b":[true,null]}"#)
        #expect(value.text() == #"{"a":"é\n","b":[true,null]}"#)
    }

    @Test("a lone surrogate becomes the replacement character, a pair one scalar")
    func surrogates() throws {
        #expect(try JSONValue(parsing: #""\ud83d\ude00""#) == "😀")
        #expect(try JSONValue(parsing: #""a\ud83d""#) == "a\u{FFFD}")
        #expect(try JSONValue(parsing: #""\ude00b""#) == "\u{FFFD}b")
    }

    @Test("every control character is written so that it can be read back")
    func controls() throws {
        let text = String(String.UnicodeScalarView((0..<0x80).compactMap { Unicode.Scalar($0) }))
        #expect(try JSONValue(parsing: JSONText.quoted(text)) == .string(text))
    }

    @Test("only what RFC 8259 asks for is escaped, wherever it stands in the text")
    func escapes() {
        #expect(JSONText.quoted("") == "\"\"")
        #expect(JSONText.quoted("\"a\\") == #""\"a\\""#)
        #expect(JSONText.quoted("/a\n\r\t\u{1F}\u{0}\u{7F}é会😀") == #""/a\n\r\t\u001f\u0000"# + "\u{7F}é会😀\"")
        let long = String(repeating: "没有什么要改的", count: 40)
        #expect(JSONText.quoted(long + "\"" + long) == "\"" + long + "\\\"" + long + "\"")
    }

    @Test("integers are written as Swift writes them")
    func integers() {
        var random = SplitMix(seed: 7)
        let some: [Int64] = [0, 1, 9, 10, 11, 99, 100, -1, -10, 1_790_000_000_000, .max, .max - 1, .min, .min + 1]
        let more = (0..<2_000).map { _ in Int64(truncatingIfNeeded: random.next()) >> Int64(random.next() % 64) }
        for number in some + more {
            var bytes = Array("x".utf8)
            JSONText.append(number, to: &bytes)
            #expect(String(decoding: bytes, as: UTF8.self) == "x\(number)")
            #expect(JSONValue.integer(number).text() == String(number))
        }
    }

    @Test("random documents mean the same to Foundation, and damaged ones are refused alike")
    func fuzz() throws {
        var random = SplitMix(seed: 20_260_102)
        for _ in 0..<3_000 {
            let value = random.json(depth: 4)
            let text = value.text()
            #expect(try JSONValue(parsing: text) == value)
            let theirs = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
            let again = try JSONSerialization.data(withJSONObject: theirs, options: .fragmentsAllowed)
            #expect(same(try JSONValue(parsing: Array(again)), value), "\(text)")
            checkDamaged(Array(text.utf8), &random)
        }
    }

    private func checkDamaged(_ good: [UInt8], _ random: inout SplitMix) {
        var bytes = good
        let place = Int(random.next() % UInt64(bytes.count))
        let symbols = Array("{}[]\",:0123456789eE+-.tfn \\".utf8)
        switch random.next() % 3 {
        case 0: bytes.remove(at: place)
        case 1: bytes[place] = symbols[Int(random.next() % UInt64(symbols.count))]
        default: bytes.insert(symbols[Int(random.next() % UInt64(symbols.count))], at: place)
        }
        // Foundation takes an empty text and numbers beyond a double in its own way.
        guard !bytes.isEmpty else { return }
        let ours = Result { try JSONValue(parsing: bytes) }
        let scanned = Result { try bytes.withUnsafeBufferPointer { try JSONScanner.validate($0) } }
        let theirs = Result { try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed) }
        if case .failure(let error as JSONError) = ours, error.reason == .numberOutOfRange { return }
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(isSuccess(ours) == isSuccess(scanned), "\(text)")
        #expect(isSuccess(ours) == isSuccess(theirs), "\(text)")
    }

    private func isSuccess<T>(_ result: Result<T, some Error>) -> Bool {
        if case .success = result { return true }
        return false
    }

    /// Foundation writes 1.0 as 1; apart from that the trees are equal.
    private func same(_ left: JSONValue, _ right: JSONValue) -> Bool {
        switch (left, right) {
        case (.array(let left), .array(let right)):
            return left.count == right.count && zip(left, right).allSatisfy { same($0, $1) }
        case (.object(let left), .object(let right)):
            return left.count == right.count
                && left.allSatisfy { key, value in right[key].map { same(value, $0) } ?? false }
        case (.integer, .number), (.number, .integer), (.number, .number): return left.doubleValue == right.doubleValue
        default: return left == right
        }
    }
}

/// A small seeded generator (Steele, Lea, Flood 2014), so that a failure can be repeated.
private struct SplitMix: RandomNumberGenerator {
    var seed: UInt64

    mutating func next() -> UInt64 {
        seed &+= 0x9E37_79B9_7F4A_7C15
        var mixed = seed
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func json(depth: Int) -> JSONValue {
        switch next() % (depth > 0 ? 8 : 6) {
        case 0: return .null
        case 1: return .bool(next() % 2 == 0)
        case 2: return .integer(Int64(truncatingIfNeeded: next() >> (next() % 64)))
        case 3: return .number(Double(Int32(truncatingIfNeeded: next())) / 1024)
        case 4, 5: return .string(text())
        case 6: return .array((0..<Int(next() % 5)).map { _ in json(depth: depth - 1) })
        default:
            let members = (0..<Int(next() % 5)).map { _ in (text(), json(depth: depth - 1)) }
            return .object(Dictionary(members, uniquingKeysWith: { first, _ in first }))
        }
    }

    private mutating func text() -> String {
        let alphabet: [Character] = ["a", "Z", "0", "\"", "\\", "/", "\n", "\t", "\u{1}", "é", "会", "😀", " ", "\u{7F}"]
        return String((0..<Int(next() % 24)).map { _ in alphabet[Int(next() % UInt64(alphabet.count))] })
    }
}
