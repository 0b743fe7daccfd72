/// How long a text message is, and of how many parts it is made: what carriers and providers count and charge.
///
/// In mainland China every sign counts one, the signature's brackets too: 70 signs are one part, a longer text is cut
/// into parts of 67. Elsewhere (3GPP TS 23.038, 23.040) a text in the GSM alphabet has 160 septets, or parts of 153; any
/// other sign makes it UCS-2 with 70 code units, or parts of 67.
package struct SMSLength: Sendable, Equatable {
    package enum Coding: String, Sendable {
        case gsm7 = "gsm7"
        case ucs2 = "ucs2"
    }

    package var coding: Coding
    /// Septets, or UTF-16 code units.
    package var units: Int
    package var parts: Int

    private static let one: [Coding: Int] = [.gsm7: 160, .ucs2: 70]
    private static let each: [Coding: Int] = [.gsm7: 153, .ucs2: 67]

    /// `isMainland`: the number is of mainland China.
    package init(_ text: String, isMainland: Bool) {
        let septets = isMainland ? nil : Self.septets(text)
        coding = septets == nil ? .ucs2 : .gsm7
        units = septets ?? text.utf16.count
        let (whole, part) = (Self.one[coding] ?? 70, Self.each[coding] ?? 67)
        parts = units <= whole ? 1 : (units + part - 1) / part
    }

    /// Nil when a sign is not of the alphabet.
    private static func septets(_ text: String) -> Int? {
        var count = 0
        for scalar in text.unicodeScalars {
            if basic.contains(scalar) {
                count += 1
            } else if extended.contains(scalar) {
                count += 2
            } else {
                return nil
            }
        }
        return count
    }

    /// 3GPP TS 23.038 §6.2.1.
    private static let basic = Set(
        """
        @£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿\
        abcdefghijklmnopqrstuvwxyzäöñüà
        """.unicodeScalars)
    /// §6.2.1.1: an escape and a sign.
    private static let extended = Set("\u{0C}^{}\\[~]|€".unicodeScalars)

    package static func isMainland(_ address: String) -> Bool { address.hasPrefix("+86") }
}
