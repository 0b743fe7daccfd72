/// The brand's colour, with what can be read on it.
package struct CentreColour: Sendable, Equatable {
    package static let standard = "#1b7350"

    private let red, green, blue: Int

    /// `#1b7350`; nil for anything else.
    package init?(_ text: String) {
        guard text.utf8.count == 7, text.hasPrefix("#"), text.dropFirst().utf8.allSatisfy(Self.isDigit),
            let value = Int(text.dropFirst(), radix: 16)
        else { return nil }
        (red, green, blue) = (value >> 16, value >> 8 & 255, value & 255)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...102).contains(byte | 32)
    }

    package var text: String {
        "#" + [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Black or white, whichever contrasts more; at least 4.5 : 1 with any colour (WCAG 2.2, 1.4.3).
    package var ink: String {
        // Both contrast equally at a luminance of √(1.05 · 0.05) − 0.05.
        luminance > 0.1791 ? "#000000" : "#ffffff"
    }

    /// WCAG 2.2, relative luminance.
    private var luminance: Double {
        func linear(_ channel: Int) -> Double {
            let share = Double(channel) / 255
            return share <= 0.04045 ? share / 12.92 : Self.power((share + 0.055) / 1.055)
        }
        return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }

    /// x to the power of 2.4: x² · x^0.4, the fifth root by Newton's method.
    private static func power(_ x: Double) -> Double {
        let target = x * x
        var root = 1.0
        for _ in 0..<40 {
            let fourth = root * root * root * root
            root -= (root * fourth - target) / (5 * fourth)
        }
        return x * x * root
    }
}
