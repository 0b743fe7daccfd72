import Engine
import Foundation

/// How things are said to one person: texts, numbers, money, dates and plurals in their language, and times in the
/// workspace's zone.
package struct Wording: Sendable {
    package let catalogue: StringCatalogue
    package let zone: TimeZone
    package let currency: String

    package init(catalogue: StringCatalogue, workspace: Workspace) {
        self.catalogue = catalogue
        zone = TimeZone(identifier: workspace.timeZone) ?? .gmt
        currency = workspace.currency
    }

    package var language: String { catalogue.language }
    var isChinese: Bool { language == "zh-Hans" }

    /// A text by key with its placeholders filled; `count` chooses the plural and fills `{count}`. Where a sentence has
    /// several numbers, `{people|person|people}` is the first word after exactly 1 and the second otherwise. A key that
    /// does not exist comes out as itself, which a test forbids.
    package func text(_ key: String, _ values: [String: String] = [:], count: Int64? = nil) -> String {
        guard var text = catalogue.text(key, count: count) else { return key }
        if text.utf8.contains(UInt8(ascii: "|")) { text = Wording.agreeing(text, values, count: count) }
        if let count { text = text.replacingOccurrences(of: "{count}", with: number(count)) }
        for (name, value) in values {
            text = text.replacingOccurrences(of: "{\(name)}", with: value)
        }
        return text
    }

    /// Chooses the words that go with numbers, before any value stands in the text.
    private static func agreeing(_ text: String, _ values: [String: String], count: Int64?) -> String {
        text.replacing(/\{([a-z_0-9]+)\|([^|{}]*)\|([^|{}]*)\}/) { match -> Substring in
            let name = String(match.1)
            let isOne = name == "count" && count != nil ? count == 1 : values[name] == "1"
            return isOne ? match.2 : match.3
        }
    }

    /// The text under a key that is put together from data, or nil when that word is not in the catalogue.
    package func known(_ key: String) -> String? {
        catalogue.text(key, count: nil)
    }

    /// What an event is called; its own name where the catalogue has no words for it.
    package func event(_ name: String) -> String {
        let word = name.lowercased().replacing(" ", with: "_").replacing("-", with: "_")
        return known("event.\(word)") ?? name
    }
}

// MARK: Numbers

extension Wording {
    /// `12,345`.
    package func number(_ value: some BinaryInteger) -> String {
        Wording.grouped(String(value.magnitude), negative: value < 0)
    }

    /// `3.14`, rounded half away from zero, trailing zeros kept.
    package func decimal(_ value: Double, digits: Int) -> String {
        guard value.isFinite else { return "–" }
        let text = String(format: "%.\(digits)f", abs(value))
        let parts = text.split(separator: ".")
        let whole = Wording.grouped(String(parts[0]), negative: value < 0 && text.contains { $0 != "0" && $0 != "." })
        return parts.count > 1 ? "\(whole).\(parts[1])" : whole
    }

    /// `9,999` as it is; from there `1.2万`, `3.4亿` or `12.3K`, `4.5M`.
    package func compact(_ value: Int64) -> String {
        if value.magnitude < 10_000 { return number(value) }
        let steps: [(Double, String)] =
            isChinese ? [(1e8, "亿"), (1e4, "万")] : [(1e9, "B"), (1e6, "M"), (1e3, "K")]
        for (size, unit) in steps where Double(value.magnitude) >= size {
            let scaled = Double(value) / size
            return decimal(scaled, digits: abs(scaled) >= 100 ? 0 : 1) + unit
        }
        return number(value)
    }

    /// `¥61,300.00` in the currency's own digits.
    package func money(_ minorUnits: Int64, currency code: String? = nil) -> String {
        let code = code ?? currency
        let digits = CurrencyScale.digits(code)
        var scale: UInt64 = 1
        for _ in 0..<digits { scale *= 10 }
        let whole = Wording.grouped(String(minorUnits.magnitude / scale), negative: false)
        let fraction = String(minorUnits.magnitude % scale)
        let padded = String(repeating: "0", count: digits - min(digits, fraction.count)) + fraction
        let amount = digits == 0 ? whole : "\(whole).\(padded)"
        return (minorUnits < 0 ? "−" : "") + Wording.symbol(code) + amount
    }

    /// `¥61,300` without fractions; from a hundred thousand on `¥12.3万` or `¥123K`.
    package func moneyShort(_ minorUnits: Int64) -> String {
        var scale: Int64 = 1
        for _ in 0..<CurrencyScale.digits(currency) { scale *= 10 }
        let whole = Int64((Double(minorUnits) / Double(scale)).rounded())
        let text = whole.magnitude < 100_000 ? number(Int64(whole.magnitude)) : compact(Int64(whole.magnitude))
        return (whole < 0 ? "−" : "") + Wording.symbol(currency) + text
    }

    /// `12.3%` of a share of 1.
    package func percent(_ share: Double, digits: Int = 1) -> String {
        share.isFinite ? decimal(share * 100, digits: digits) + "%" : "–"
    }

    static func symbol(_ code: String) -> String {
        let symbols = ["CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "HKD": "HK$", "TWD": "NT$"]
        return symbols[code] ?? code + " "
    }

    private static func grouped(_ digits: String, negative: Bool) -> String {
        var out = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { out.append(",") }
            out.append(digit)
        }
        return negative ? "−" + out : out
    }
}

extension Wording {
    /// A number for an HTML or SVG attribute: no grouping, a point, two decimals.
    static func attribute(_ value: Double) -> String {
        String((value * 100).rounded() / 100)
    }
}
