/// Reads the fields that all kinds of rows share: who, when, how much.
struct RowFields {
    /// Column by `ImportField.slot`; -1 where nothing is mapped.
    private let columns: [Int]
    private let identities: [(kind: String, column: Int)]
    /// Traits or properties under their own names, in the order of the mapping.
    let customs: [(name: String, column: Int)]
    let names: [String]
    let types: [ColumnType]
    private let dates: DateParser
    private let anyDates: DateParser
    private let decimals: DecimalText
    private let latest: Int64

    /// Throws: `ImportError` for a mapping that does not fit, an unknown time zone.
    init(_ plan: ResolvedImport, importedAt: Timestamp) throws(ImportError) {
        guard let zone = ZoneOffsets(named: plan.timeZone) else {
            throw .badOption(name: "time zone", value: plan.timeZone, expected: "an IANA name such as Asia/Shanghai")
        }
        var columns = [Int](repeating: -1, count: ImportField.slotCount)
        var identities: [(kind: String, column: Int)] = []
        var customs: [(name: String, column: Int)] = []
        for (field, column) in try plan.bindings() {
            switch field {
            case .identity(let kind): identities.append((kind, column))
            case .custom(let name): customs.append((name, column))
            default: if let slot = field.slot { columns[slot] = column }
            }
        }
        // The strongest kind first: it decides to which shard of the log the event goes.
        let strength = ImportField.identityKinds
        identities.sort { (strength.firstIndex(of: $0.kind) ?? 99) < (strength.firstIndex(of: $1.kind) ?? 99) }
        self.columns = columns
        self.identities = identities
        self.customs = customs
        names = plan.columns
        types = plan.types
        dates = DateParser(format: plan.dateFormat, zone: zone)
        anyDates = DateParser(format: .yearMonthDay, zone: zone)
        decimals = DecimalText(mark: plan.decimalMark)
        latest = importedAt.milliseconds + Int64(EventLimits.futureHours) * 3_600_000
    }

    func has(_ field: ImportField) -> Bool { column(field) != nil }

    private func column(_ field: ImportField) -> Int? {
        guard let slot = field.slot, columns[slot] >= 0 else { return nil }
        return columns[slot]
    }

    var hasIdentity: Bool { !identities.isEmpty }

    func columnName(_ field: ImportField) -> String {
        switch field {
        case .identity(let kind): identities.first { $0.kind == kind }.map { names[$0.column] } ?? ""
        case .custom(let name): customs.first { $0.name == name }.map { names[$0.column] } ?? ""
        default: column(field).map { names[$0] } ?? ""
        }
    }

    func text(_ field: ImportField, _ rows: any RowReader) -> ByteView {
        column(field).map { rows.text($0) } ?? ByteView(start: nil, count: 0)
    }

    func json(_ field: ImportField, _ rows: any RowReader) -> ByteView? {
        column(field).flatMap { rows.json($0) }
    }

    /// The claims of a row, strongest first. Throws: `FieldFault` when there is none.
    func claims(_ rows: any RowReader) throws(FieldFault) -> [IdentityClaim] {
        var claims: [IdentityClaim] = []
        for (kind, column) in identities {
            let value = rows.text(column)
            if value.count > 0 { claims.append(IdentityClaim(kind: kind, value: value.text)) }
        }
        guard claims.isEmpty else { return claims }
        throw FieldFault(
            field: .identity(identities.first?.kind ?? "user_id"), reason: .missing,
            explanation: "the row names no customer")
    }

    /// A moment in milliseconds, nil for an empty cell. Throws: `FieldFault` for what is no date, or out of range.
    func moment(_ field: ImportField, _ rows: any RowReader) throws(FieldFault) -> Int64? {
        let cell = text(field, rows)
        guard cell.count > 0 else { return nil }
        // A column may mix its own format with ISO 8601.
        guard let moment = dates.moment(of: cell) ?? anyDates.moment(of: cell) else {
            throw FieldFault(
                field: field, reason: .badDate,
                explanation: "“\(shortened(cell))” is not a date of the format \(dates.format.rawValue)")
        }
        guard EventLimits.earliest.milliseconds...latest ~= moment else {
            throw FieldFault(
                field: field, reason: .dateOutOfRange,
                explanation: "“\(shortened(cell))” is before 1970 or more than a day ahead")
        }
        return moment
    }

    /// Appends an amount as plain decimal text; false for an empty cell.
    func amount(
        _ field: ImportField, _ rows: any RowReader, into output: inout [UInt8]
    ) throws(FieldFault) -> Bool {
        let cell = text(field, rows)
        guard cell.count > 0 else { return false }
        guard decimals.append(cell, to: &output) else {
            throw FieldFault(
                field: field, reason: .badAmount, explanation: "“\(shortened(cell))” is not an amount")
        }
        return true
    }

    func exactAmount(_ field: ImportField, _ rows: any RowReader) throws(FieldFault) -> ExactAmount? {
        var plain: [UInt8] = []
        return try amount(field, rows, into: &plain) ? ExactAmount(plain: plain) : nil
    }

    /// An amount in a column under a free name, nil for an empty cell.
    func exactAmount(named name: String, _ column: Int, _ rows: any RowReader) throws(FieldFault) -> ExactAmount? {
        let cell = rows.text(column)
        guard cell.count > 0 else { return nil }
        var plain: [UInt8] = []
        guard decimals.append(cell, to: &plain) else {
            throw FieldFault(
                field: .custom(name), reason: .badAmount, explanation: "“\(shortened(cell))” is not an amount")
        }
        return ExactAmount(plain: plain)
    }

    /// A moment that may lie ahead, and whether the cell names a day alone, which is then the last; nil for an empty
    /// cell.
    func deadline(
        _ field: ImportField, _ rows: any RowReader
    ) throws(FieldFault) -> (milliseconds: Int64, isDay: Bool)? {
        let cell = text(field, rows)
        guard cell.count > 0 else { return nil }
        guard let moment = dates.moment(of: cell) ?? anyDates.moment(of: cell) else {
            throw FieldFault(
                field: field, reason: .badDate,
                explanation: "“\(shortened(cell))” is not a date of the format \(dates.format.rawValue)")
        }
        guard EventLimits.earliest.milliseconds...Self.lastMoment ~= moment else {
            throw FieldFault(
                field: field, reason: .dateOutOfRange, explanation: "“\(shortened(cell))” is before 1970 or after 9999")
        }
        let isDay = !dates.format.rawValue.hasPrefix("epoch") && !cell.text.contains(":")
        return (moment, isDay)
    }

    /// The last millisecond of the year 9999.
    private static let lastMoment: Int64 = 253_402_300_799_999

    /// A whole number of pieces, nil for an empty cell; `2.0` is 2.
    func quantity(_ rows: any RowReader) throws(FieldFault) -> Int64? {
        let cell = text(.quantity, rows)
        guard cell.count > 0 else { return nil }
        var plain: [UInt8] = []
        let most: Int64 = 1_000_000
        guard decimals.append(cell, to: &plain),
            let pieces = ExactAmount(plain: plain).wholeNumber, 0...most ~= pieces
        else {
            throw FieldFault(
                field: .quantity, reason: .badQuantity,
                explanation: "“\(shortened(cell))” is not a whole number of pieces")
        }
        return pieces
    }

    /// Writes the traits or properties that the mapping names, typed as the column is.
    func writeCustoms(
        _ rows: any RowReader, to writer: inout JSONObjectWriter, except isLeftOut: (String) -> Bool = { _ in false }
    ) {
        for (name, column) in customs where !isLeftOut(name) {
            if let document = rows.json(column) {
                writer.raw(named: name, document)
            } else {
                write(rows.text(column), as: types[column], under: name, to: &writer)
            }
        }
    }

    /// A value that does not fit its column's type stays text; the catalogue tells of it.
    private func write(_ cell: ByteView, as type: ColumnType, under name: String, to writer: inout JSONObjectWriter) {
        guard cell.count > 0 else { return }
        switch type {
        case .integer, .number:
            var plain: [UInt8] = []
            if decimals.append(cell, to: &plain) {
                writer.raw(named: name, plain)
            } else {
                writer.string(named: name, cell)
            }
        case .boolean:
            let word = cell.text.lowercased()
            if ColumnSample.yes.contains(word) {
                writer.raw(named: name, "true".utf8)
            } else if ColumnSample.no.contains(word) {
                writer.raw(named: name, "false".utf8)
            } else {
                writer.string(named: name, cell)
            }
        case .moment:
            if let moment = anyDates.moment(of: cell) {
                writer.string(named: name, Timestamp(milliseconds: moment).iso8601)
            } else {
                writer.string(named: name, cell)
            }
        case .text, .date, .document: writer.string(named: name, cell)
        }
    }

    private func shortened(_ cell: ByteView) -> String {
        String(cell.text.prefix(60))
    }

    func refusal(_ fault: FieldFault, _ rows: any RowReader) -> RowRefusal {
        rows.refusal(fault.reason, fault.explanation, column: columnName(fault.field))
    }
}
