/// Writes delimited text (RFC 4180).
package enum CSVText {
    /// One row without its line end; cells are quoted where they must be.
    package static func row(_ cells: [String], delimiter: UInt8 = ASCII.comma) -> String {
        cells.map { cell($0, delimiter: delimiter) }.joined(separator: String(UnicodeScalar(delimiter)))
    }

    private static func cell(_ text: String, delimiter: UInt8) -> String {
        let needsQuotes = text.utf8.contains {
            $0 == delimiter || $0 == ASCII.quote || $0 == ASCII.lineFeed || $0 == ASCII.carriageReturn
        }
        return needsQuotes ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }
}
