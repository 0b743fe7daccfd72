/// What someone asks of an import; whatever is nil is found out from the file.
package struct ImportOptions: Sendable, Equatable, Codable {
    package var kind: ImportKind
    package var mapping: ColumnMapping?
    package var encoding: TextEncoding?
    /// `,` `;` `|` or a tab.
    package var delimiter: String?
    package var hasHeader: Bool?
    package var isJSONLines: Bool?
    package var dateFormat: DateFormat?
    package var decimalMark: DecimalMark?
    /// IANA name, for times without an offset of their own.
    package var timeZone: String
    /// ISO 4217, for rows without a currency of their own.
    package var currency: String

    package init(
        kind: ImportKind, mapping: ColumnMapping? = nil, encoding: TextEncoding? = nil, delimiter: String? = nil,
        hasHeader: Bool? = nil, isJSONLines: Bool? = nil, dateFormat: DateFormat? = nil,
        decimalMark: DecimalMark? = nil, timeZone: String = "Asia/Shanghai", currency: String = "CNY"
    ) {
        self.kind = kind
        self.mapping = mapping
        self.encoding = encoding
        self.delimiter = delimiter
        self.hasHeader = hasHeader
        self.isJSONLines = isJSONLines
        self.dateFormat = dateFormat
        self.decimalMark = decimalMark
        self.timeZone = timeZone
        self.currency = currency
    }
}
