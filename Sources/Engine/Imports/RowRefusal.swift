/// One row that could not become an event, and why.
package struct RowRefusal: Sendable, Equatable, Codable {
    /// The line of the file on which the row begins, from 1.
    package var line: Int
    /// The column's header, empty when the whole row is at fault.
    package var column: String
    package var reason: RefusalReason
    /// What was wrong and what would be right.
    package var explanation: String
    /// The row as it stood, at most `ImportLimits.refusedRowBytes`.
    package var row: String

    package init(line: Int, column: String, reason: RefusalReason, explanation: String, row: String) {
        self.line = line
        self.column = column
        self.reason = reason
        self.explanation = explanation
        self.row = row
    }
}

/// The kinds of fault a row can have.
package enum RefusalReason: String, Sendable, Codable, CaseIterable {
    case badEncoding = "bad_encoding"
    case nulByte = "nul_byte"
    case unclosedQuote = "unclosed_quote"
    case textAfterQuote = "text_after_quote"
    case tooLong = "too_long"
    case columnCount = "column_count"
    case missing
    case badDate = "bad_date"
    case dateOutOfRange = "date_out_of_range"
    case badAmount = "bad_amount"
    case badQuantity = "bad_quantity"
    case badCurrency = "bad_currency"
    case badValue = "bad_value"
    case badJSON = "bad_json"
    case conflictingLines = "conflicting_lines"
    case tooManyLines = "too_many_lines"
    case unknownTag = "unknown_tag"
}
