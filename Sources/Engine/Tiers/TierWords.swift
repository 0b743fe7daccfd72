/// Amounts, days and names as one language says them.
package struct TierWords: Sendable {
    package let language: CriteriaLanguage
    /// The workspace's.
    let currency: String
    let currencies: [String: PointsCurrency]

    package init(_ language: CriteriaLanguage, currency: String, _ currencies: [String: PointsCurrency] = [:]) {
        self.language = language
        self.currency = currency
        self.currencies = currencies
    }

    /// `¥320`, `¥1,280.50`, `CHF 12.00`.
    package func money(_ minorUnits: Int64) -> String {
        let digits = CurrencyScale.digits(currency)
        let symbols = ["CNY": "¥", "JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "TWD": "NT$"]
        let number = GroupedNumber.text(minorUnits, digits: digits, trims: true)
        return (symbols[currency] ?? currency + " ") + number
    }

    func points(_ value: Int64, _ indicator: TierIndicator) -> String {
        let number = number(value, indicator)
        let name = currencyName(indicator)
        return language("\(number) \(name)", "\(number) \(EnglishCount.name(name, afterOne: number == "1"))")
    }

    /// `1,280.5`: in the currency of the ledger that the indicator reads, without its name.
    func number(_ value: Int64, _ indicator: TierIndicator) -> String {
        GroupedNumber.text(value, digits: currencies[indicator.ledger ?? ""]?.scale ?? 0, trims: true)
    }

    func currencyName(_ indicator: TierIndicator) -> String {
        let code = indicator.ledger ?? ""
        if let known = currencies[code], !known.names.isEmpty { return known.name(language.rawValue) }
        switch code {
        case "growth": return language("成长值", "growth value")
        case "points": return language("积分", "points")
        default: return code
        }
    }

    /// `2027年6月30日`, `30 June 2027`.
    package func day(_ day: Int64) -> String {
        let (year, month, dayOfMonth) = LocalCalendar.civil(ofDay: day)
        return language("\(year)年\(month)月\(dayOfMonth)日", "\(dayOfMonth) \(Self.month(Int(month))) \(year)")
    }

    static func month(_ month: Int) -> String {
        let names = [
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December",
        ]
        return names.indices.contains(month - 1) ? names[month - 1] : String(month)
    }

    package func amount(_ value: Int64, _ indicator: TierIndicator) -> String {
        QualificationCatalog.type(indicator.kind)?.amount(value, indicator, self) ?? String(value)
    }

    package func name(_ indicator: TierIndicator) -> String {
        QualificationCatalog.type(indicator.kind)?.name(indicator, self) ?? indicator.kind
    }

    /// An amount that stands beside the name.
    func figure(_ value: Int64, _ indicator: TierIndicator) -> String {
        QualificationCatalog.type(indicator.kind)?.figure(value, indicator, self) ?? String(value)
    }

    /// What an indicator asks for, complete: `at least 6 orders`.
    func asked(_ indicator: TierIndicator) -> String {
        QualificationCatalog.type(indicator.kind)?.atLeast(indicator.atLeast, indicator, self)
            ?? "\(indicator.kind) \(indicator.atLeast)"
    }

    func list(_ parts: [String], or: Bool = false) -> String {
        guard parts.count > 1, let last = parts.last else { return parts.first ?? "" }
        let rest = parts.dropLast().joined(separator: language("、", ", "))
        return rest + (or ? language("或", " or ") : language("和", " and ")) + last
    }
}
