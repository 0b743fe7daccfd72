/// Rows of a file, one after the other, whatever their notation. Two notations: `CSVReader`, `JSONLinesReader`.
protocol RowReader: AnyObject {
    /// The line on which the current row begins, from 1.
    var line: Int { get }
    /// The current row as it stands, bounded for the error file.
    var rawText: String { get }

    /// Moves to the next row. Throws: `ImportError` when the file cannot be read on.
    func next() throws(ImportError) -> RecordStep

    /// The text of a column in the current row without spaces around it; empty when the row has none.
    /// Valid until the next step.
    func text(_ column: Int) -> ByteView

    /// The value of a column as JSON, when the notation has types; nil in CSV and for absent values.
    func json(_ column: Int) -> ByteView?
}

extension RowReader {
    func refusal(_ reason: RefusalReason, _ explanation: String, column: String = "") -> RowRefusal {
        RowRefusal(line: line, column: column, reason: reason, explanation: explanation, row: rawText)
    }
}
