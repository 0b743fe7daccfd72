/// An amount in the minor unit of a currency (ISO 4217): 12.50 CNY is 1250, 300 JPY is 300.
package struct Money: Sendable, Hashable, Codable {
    package var minorUnits: Int64
    package var currency: String

    package init(minorUnits: Int64, currency: String) {
        self.minorUnits = minorUnits
        self.currency = currency
    }
}

/// Minor-unit digits by currency code. Source: ISO 4217 list one; every code not listed here has two.
package enum CurrencyScale {
    private static let zero: Set<String> = [
        "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
        "XPF",
    ]
    private static let three: Set<String> = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]

    /// How many decimal digits the currency has.
    package static func digits(_ currency: String) -> Int {
        if zero.contains(currency) { return 0 }
        return three.contains(currency) ? 3 : 2
    }
}
