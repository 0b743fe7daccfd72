/// What the ledger goes by: its currencies and the days of the workspace.
package struct PointsProgram: Sendable {
    package var currencies: [String: PointsCurrency]
    package var calendar: LocalCalendar

    package init(_ currencies: [PointsCurrency], _ calendar: LocalCalendar) {
        self.currencies = Dictionary(currencies.map { ($0.code, $0) }) { first, _ in first }
        self.calendar = calendar
    }

    /// Throws: `PointsError.unknownCurrency`.
    package func currency(_ code: String) throws -> PointsCurrency {
        guard let currency = currencies[code] else { throw PointsError.unknownCurrency(code) }
        return currency
    }
}
