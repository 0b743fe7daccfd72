/// The fields of a query or a form, in order, each possibly given more than once.
package struct Fields: Sendable, Equatable {
    package private(set) var pairs: [(name: String, value: String)]

    package init(_ pairs: [(name: String, value: String)] = []) {
        self.pairs = pairs
    }

    /// Reads `application/x-www-form-urlencoded` text; pieces that are not UTF-8 come out with replacement characters.
    package init(encoded text: some StringProtocol) {
        pairs = text.split(separator: "&").prefix(Fields.limit).map { piece in
            let sides = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (Fields.decoded(sides[0]), sides.count > 1 ? Fields.decoded(sides[1]) : "")
        }
    }

    /// The first value under a name, or nil.
    package subscript(_ name: String) -> String? {
        pairs.first { $0.name == name }?.value
    }

    /// The first value under a name, or the empty string.
    package func text(_ name: String) -> String {
        self[name] ?? ""
    }

    package func all(_ name: String) -> [String] {
        pairs.filter { $0.name == name }.map(\.value)
    }

    package func int(_ name: String) -> Int64? {
        self[name].flatMap { Int64($0) }
    }

    /// The fields as a query, without empty values; `changes` replaces or, with nil, removes.
    package func query(changing changes: [String: String?] = [:]) -> String {
        var out = pairs.filter { !$0.value.isEmpty && changes[$0.name] == nil }
        for (name, value) in changes.sorted(by: { $0.key < $1.key }) {
            if let value, !value.isEmpty { out.append((name, value)) }
        }
        return out.map { "\(Fields.encoded($0.name))=\(Fields.encoded($0.value))" }.joined(separator: "&")
    }

    package static func == (left: Fields, right: Fields) -> Bool {
        left.pairs.map(\.name) == right.pairs.map(\.name) && left.pairs.map(\.value) == right.pairs.map(\.value)
    }

    /// Percent-encodes everything but RFC 3986's unreserved characters.
    package static func encoded(_ text: String) -> String {
        var out = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                out.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                out += byte < 16 ? "%0" + digits : "%" + digits
            }
        }
        return out
    }

    private static let limit = 2_000

    static func decoded(_ text: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var pending: [UInt8] = []
        for byte in text.utf8 {
            if !pending.isEmpty {
                pending.append(byte)
                if pending.count == 3 {
                    bytes += hexadecimal(pending[1], pending[2]).map { [$0] } ?? pending
                    pending = []
                }
            } else if byte == 0x25 {
                pending = [byte]
            } else {
                bytes.append(byte == 0x2B ? 0x20 : byte)
            }
        }
        return String(decoding: bytes + pending, as: UTF8.self)
    }

    private static func hexadecimal(_ high: UInt8, _ low: UInt8) -> UInt8? {
        UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)
    }
}
