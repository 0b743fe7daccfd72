import Engine

/// How the ledger of points is spoken of.
struct PointsWords {
    let currencies: [String: PointsCurrency]
    let wording: Wording

    init(_ currencies: [PointsCurrency], _ wording: Wording) {
        self.currencies = Dictionary(currencies.map { ($0.code, $0) }) { first, _ in first }
        self.wording = wording
    }

    func name(_ code: String) -> String {
        currencies[code]?.name(wording.language) ?? code
    }

    /// `1,234.50` in the currency's own digits.
    func amount(_ amount: Int64, _ code: String) -> String {
        Self.amount(amount, scale: currencies[code]?.scale ?? 0, wording)
    }

    /// `+1,234` or `−56`.
    func change(_ amount: Int64, _ code: String) -> String {
        (amount > 0 ? "+" : "") + self.amount(amount, code)
    }

    /// `1,234 points`.
    func full(_ amount: Int64, _ code: String) -> String {
        "\(self.amount(amount, code)) \(name(code))"
    }

    func kind(_ kind: PointsTransaction.Kind) -> String {
        wording.text("points.kind_\(kind.rawValue)")
    }

    /// What a transaction came of, by its key: `pool_take:console:…` was done in the console. A key that a program chose
    /// is shown as it chose it.
    func occasion(_ key: String) -> String {
        var parts = key.split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
        for part in parts {
            if let known = wording.known("points.from_\(part)") { return known }
        }
        if parts.count > 1, wording.known("points.kind_\(parts[0])") != nil { parts.removeFirst() }
        return parts.joined(separator: ":")
    }

    func ledger(_ ledger: Ledger) -> String {
        wording.text("points.ledger_\(ledger.rawValue)")
    }

    static func amount(_ amount: Int64, scale: Int, _ wording: Wording) -> String {
        var unit: UInt64 = 1
        for _ in 0..<scale { unit *= 10 }
        let whole = wording.number(amount.magnitude / unit)
        let sign = amount < 0 ? "−" : ""
        guard scale > 0 else { return sign + whole }
        let rest = String(amount.magnitude % unit)
        return sign + whole + "." + String(repeating: "0", count: scale - rest.count) + rest
    }

    /// An amount as somebody typed it, in the smallest part; nil when it is none or has too many digits.
    static func parse(_ text: String, scale: Int) -> Int64? {
        let typed = text.filter { !$0.isWhitespace && $0 != "," }.replacing("−", with: "-")
        let parts = typed.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count == 1 || parts[1].count <= scale else { return nil }
        let rest = parts.count > 1 ? String(parts[1]) : ""
        guard rest.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int64(first + rest + String(repeating: "0", count: scale - rest.count))
    }

    /// An amount for the value of a form's field: no grouping.
    static func typed(_ amount: Int64?, scale: Int) -> String {
        guard let amount else { return "" }
        guard scale > 0 else { return String(amount) }
        let digits = String(amount.magnitude)
        let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
        return (amount < 0 ? "-" : "") + padded.dropLast(scale) + "." + padded.suffix(scale)
    }

    /// A member number in groups of four, as on a card.
    static func number(_ number: String) -> String {
        stride(from: 0, to: number.count, by: 4).map { start in
            String(number.dropFirst(start).prefix(4))
        }.joined(separator: " ")
    }
}
