import Storage

/// What the ledger goes by: its currencies and the days of the workspace.
package struct PointsProgram: Sendable {
    package var currencies: [String: PointsCurrency]
    package var calendar: LocalCalendar
    /// The first moment that no head of the ledger covers yet (`PointsHeads`); nil where none was made.
    var openFrom: Timestamp?

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

extension PointsProgram {
    /// The program in force, in one statement: every command asks for it. Throws: `StorageError`.
    package static func load(_ connection: any SQLConnection) throws -> PointsProgram {
        let rows = try connection.query(
            """
            SELECT 'currency', definition, 0 FROM points_currencies
            UNION ALL SELECT 'workspace', value, 0 FROM settings WHERE name = 'workspace'
            UNION ALL SELECT 'head', '', (SELECT max(day) FROM points_heads)
            """)
        var currencies: [PointsCurrency] = []
        var workspace = Workspace()
        var lastHead: Int64?
        for row in rows {
            switch try row.text(0) {
            case "currency": currencies.append(try PointsCurrencies.currency(row.text(1)))
            case "workspace": workspace = try Workspace.saved(row.text(1))
            default: lastHead = try row.intOrNil(2)
            }
        }
        var program = PointsProgram(currencies, workspace.calendar)
        program.openFrom = lastHead.map { PointsHeads.open(after: $0, program.calendar) }
        return program
    }
}
