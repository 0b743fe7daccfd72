/// What an import would do: how the file was understood, the first rows as they would be stored, and what is unclear.
package struct ImportPlan: Sendable, Equatable, Codable {
    package var kind: ImportKind
    package var fileBytes: Int64
    package var isCompressed: Bool
    package var encoding: TextEncoding
    package var isJSONLines: Bool
    package var delimiter: String
    package var hasHeader: Bool
    package var columns: [ColumnSample]
    /// What the columns stand for: as asked, else as suggested.
    package var mapping: ColumnMapping
    /// Nil while it has to be asked for.
    package var dateFormat: DateFormat?
    package var decimalMark: DecimalMark
    package var timeZone: String
    package var currency: String
    /// The first rows as events.
    package var preview: [PreviewEvent]
    /// Rows of the sample that would be refused.
    package var refusals: [RowRefusal]
    package var sampledRows: Int
    package var sampledRefusals: Int
    /// A guess from the sample's share of the file.
    package var estimatedRows: Int64
    /// Questions to answer before the import can run, each naming what would settle it; empty when it can.
    package var problems: [Problem]
    /// What `ImportRun` follows; nil while there are problems.
    package var resolved: ResolvedImport?

    /// Something to settle: `missing_fields`, `ambiguous_date`, `unknown_date_format`, `unknown_column`, `mapping`.
    package struct Problem: Sendable, Equatable, Codable {
        package var code: String
        package var message: String
    }

    /// One event as it would enter the log.
    package struct PreviewEvent: Sendable, Equatable, Codable {
        package var line: Int
        package var event: String
        package var identities: [IdentityClaim]
        /// Milliseconds since 1970.
        package var time: Timestamp
        /// JSON.
        package var properties: String
        package var traits: String
    }
}
