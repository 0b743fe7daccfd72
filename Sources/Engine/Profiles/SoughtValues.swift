import Foundation

/// What an erased person is recognised by where no id leads to them: in raw bytes, examples and files.
struct SoughtValues: Sendable, Codable, Equatable {
    /// Values that belong to one person only: identities, addresses, numbers. A text with one of them is theirs.
    private(set) var own: [String] = []
    /// Every text of theirs, also such as others share (a name): enough to take an example away.
    private(set) var any: [String] = []

    private static let ownMinimumBytes = 5
    private static let anyMinimumBytes = 2
    private static let valuesLimit = 2_000
    /// Traits whose values belong to one person.
    private static let ownTraits: Set<String> = ["email", "phone", "mobile", "telephone", "idcard", "id_card"]

    init(keys: [IdentityKey], traits: [String: JSONValue]) {
        var own: Set<String> = []
        var any: Set<String> = []
        for key in keys { own.formUnion(Self.forms(key.value)) }
        for (name, value) in traits {
            for text in Self.texts(in: value) {
                any.formUnion(Self.forms(text))
                if Self.ownTraits.contains(name.lowercased()) { own.formUnion(Self.forms(text)) }
            }
        }
        any.formUnion(own)
        self.own = own.filter { $0.utf8.count >= Self.ownMinimumBytes }.sorted().suffix(Self.valuesLimit)
        self.any = any.filter { $0.utf8.count >= Self.anyMinimumBytes }.sorted().suffix(Self.valuesLimit)
    }

    /// Whether a text or raw bytes hold a value that is theirs alone. Letters of either case are one.
    func isOwn(in bytes: some Sequence<UInt8>) -> Bool { Self.contains(own, bytes) }

    func isAny(in text: String) -> Bool { Self.contains(any, text.utf8) }

    var longestBytes: Int { own.map(\.utf8.count).max() ?? 0 }
    var isEmpty: Bool { any.isEmpty }

    private static func contains(_ values: [String], _ bytes: some Sequence<UInt8>) -> Bool {
        let lowered = Data(bytes.map { $0 >= 0x41 && $0 <= 0x5A ? $0 + 32 : $0 })
        return values.contains { lowered.range(of: Data($0.utf8)) != nil }
    }

    /// How a value may be written: as it is, in lower case; escaped in JSON; a telephone number without its prefix.
    private static func forms(_ value: String) -> [String] {
        let lower = String(
            decoding: value.utf8.map { $0 >= 0x41 && $0 <= 0x5A ? $0 + 32 : $0 }, as: UTF8.self)
        var forms = [lower]
        if lower.hasPrefix("+"), lower.dropFirst().allSatisfy(\.isNumber) {
            forms.append(String(lower.dropFirst()))
            if lower.hasPrefix("+86") { forms.append(String(lower.dropFirst(3))) }
            if lower.hasPrefix("+1") { forms.append(String(lower.dropFirst(2))) }
        }
        if lower.utf8.contains(where: { $0 >= 0x80 }) {
            forms.append(
                lower.utf16.map { unit in
                    guard unit >= 0x80 else { return String(decoding: [unit], as: UTF16.self) }
                    let digits = String(unit, radix: 16)
                    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }.joined())
        }
        return forms
    }

    private static func texts(in value: JSONValue) -> [String] {
        switch value {
        case .string(let text): [text]
        case .array(let items): items.flatMap(texts)
        case .object(let members): members.values.flatMap(texts)
        default: []
        }
    }
}
