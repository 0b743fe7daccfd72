/// How the codes of a batch look, and how they are drawn.
///
/// `SPRING-####-####C`: `#` is drawn from 31 characters that nobody confuses (no 0, O, 1, I, L), `C` at the end is the
/// check character, everything else stands as it is. The check character is the sum of the positions
/// of all characters in the alphabet, each times its place, modulo 31, a prime: one wrong character and two swapped
/// neighbours are always noticed (as ISBN-10 does modulo 11).
package struct CouponPattern: Sendable, Equatable {
    private enum Piece: Equatable {
        case literal(UInt8)
        case drawn
    }

    package let text: String
    private let pieces: [Piece]

    package static let alphabet = Array("23456789ABCDEFGHJKMNPQRSTUVWXYZ".utf8)
    /// Of codes that are issued to a person: 59 bits.
    package static let personal = "####-####-####C"
    private static let places: [UInt8] = {
        var places = [UInt8](repeating: 255, count: 256)
        for (index, byte) in alphabet.enumerated() { places[Int(byte)] = UInt8(index) }
        return places
    }()
    private static let base = UInt64(alphabet.count)

    /// Throws: `CouponError.pattern`.
    package init(_ text: String) throws {
        guard (1...CouponLimits.patternCharacters).contains(text.utf8.count) else {
            throw CouponError.pattern(reason: "must have 1 to \(CouponLimits.patternCharacters) characters")
        }
        guard text.utf8.last == UInt8(ascii: "C") else {
            throw CouponError.pattern(reason: "must end with C, the check character")
        }
        var pieces: [Piece] = []
        for byte in text.utf8.dropLast() {
            switch byte {
            case UInt8(ascii: "#"): pieces.append(.drawn)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                pieces.append(.literal(byte))
            default:
                throw CouponError.pattern(reason: "may have capital letters, digits and hyphens only")
            }
        }
        guard pieces.contains(.drawn) else { throw CouponError.pattern(reason: "needs a #: a drawn character") }
        self.text = text
        self.pieces = pieces
    }

    package var drawn: Int { pieces.filter { $0 == .drawn }.count }

    /// log₂ of how many codes there are, rounded down.
    package var bits: Int { Int((Double(drawn) * 4.954_196_310_386_875).rounded(.down)) }

    /// Of so many codes one guess hits at most once in half a million; nil: no more than that many bits are needed.
    package static func bitsNeeded(for count: Int64) -> Int {
        var bits = 0
        while bits < 62, Int64(1) << Int64(bits) < count { bits += 1 }
        return bits + 19
    }

    /// One code; `bytes` hands out random bytes.
    package func code(_ bytes: inout CouponRandom) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(pieces.count + 1)
        for piece in pieces {
            switch piece {
            case .literal(let byte): out.append(byte)
            case .drawn: out.append(Self.alphabet[bytes.next(below: Self.alphabet.count)])
            }
        }
        out.append(Self.check(of: out))
        return String(decoding: out, as: UTF8.self)
    }

    /// Whether the last character is the check of those before it.
    package static func isIntact(_ code: String) -> Bool {
        let bytes = Array(code.utf8)
        guard bytes.count > 1, let last = bytes.last else { return false }
        return check(of: bytes.dropLast()) == last
    }

    private static func check(of bytes: some Sequence<UInt8>) -> UInt8 {
        var (sum, place) = (UInt64(0), UInt64(1))
        for byte in bytes where places[Int(byte)] != 255 {
            sum += UInt64(places[Int(byte)]) * (place % (base - 1) + 1)
            place += 1
        }
        return alphabet[Int(sum % base)]
    }

    /// A code as it is kept, from what somebody typed: capitals, without blanks, full-width forms and dashes made plain.
    package static func normal(_ typed: String) -> String {
        var out = ""
        for scalar in typed.unicodeScalars {
            switch scalar.value {
            case 0x20, 0x09, 0x0A, 0x0D, 0xA0, 0x3000: continue
            case 0x2010...0x2015, 0x2212, 0xFF0D: out += "-"
            case 0xFF01...0xFF5E:
                if let plain = Unicode.Scalar(scalar.value - 0xFEE0) { out.unicodeScalars.append(plain) }
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out.uppercased()
    }
}

/// Random bytes in large draws.
package struct CouponRandom {
    private let draw: (Int) -> [UInt8]
    private var bytes: [UInt8] = []
    private var index = 0
    private static let drawBytes = 4_096

    package init(_ draw: @escaping (Int) -> [UInt8]) {
        self.draw = draw
    }

    /// Every number below `limit` (at most 256) with the same chance: bytes that would favour some are thrown away.
    mutating func next(below limit: Int) -> Int {
        let fair = 256 / limit * limit
        while true {
            if index == bytes.count {
                bytes = draw(Self.drawBytes)
                index = 0
            }
            let byte = Int(bytes[index])
            index += 1
            if byte < fair { return byte % limit }
        }
    }
}
