/// Whole JSON objects inside rows.
enum RowDocument {
    /// The members of an object in a column, without the braces; nil when the row has none.
    ///
    /// Throws: `FieldFault` for a value that is no JSON object.
    static func object(
        _ field: ImportField, _ rows: any RowReader, _ fields: RowFields
    ) throws(FieldFault) -> String? {
        let value = fields.json(field, rows) ?? fields.text(field, rows)
        guard value.count > 0 else { return nil }
        let slice: JSONSlice
        do throws(JSONError) {
            slice = try JSONScanner.validate(value)
        } catch {
            throw FieldFault(field: field, reason: .badJSON, explanation: "\(error)")
        }
        guard slice.kind == .object, slice.depth <= EventLimits.depth else {
            throw FieldFault(field: field, reason: .badJSON, explanation: "an object of JSON is expected")
        }
        let members = value.part(slice.range.lowerBound + 1, slice.range.upperBound - 1).trimmed
        return members.count == 0 ? nil : members.text
    }

    static func tooLarge(_ field: ImportField) -> FieldFault {
        FieldFault(
            field: field, reason: .tooLong, explanation: "the event is larger than \(EventLimits.eventBytes) bytes")
    }
}
