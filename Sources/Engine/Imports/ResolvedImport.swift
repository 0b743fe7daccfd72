/// An import with every question answered: what `ImportRun` follows, and follows again after a restart.
package struct ResolvedImport: Sendable, Equatable, Codable {
    package var kind: ImportKind
    package var encoding: TextEncoding
    package var isJSONLines: Bool
    /// One byte; meaningless for JSON Lines.
    package var delimiter: String
    package var hasHeader: Bool
    /// Headers in the file's order, or the keys of its objects.
    package var columns: [String]
    package var types: [ColumnType]
    package var mapping: ColumnMapping
    package var dateFormat: DateFormat
    package var decimalMark: DecimalMark
    package var timeZone: String
    package var currency: String
    /// The size of the file when it was looked at: another size is another file.
    package var fileBytes: Int64
    /// Of members: what rows may name. Nil: whatever they say.
    package var loyalty: ImportLoyalty?
    /// What a column of tags may name; nil: anything.
    package var knownTags: [String]?

    var delimiterByte: UInt8 { delimiter.utf8.first ?? ASCII.comma }
}

extension ResolvedImport {
    /// Columns of a mapping by field; the same field twice or a column that is not there throws `ImportError`.
    func bindings() throws(ImportError) -> [(field: ImportField, column: Int)] {
        var bindings: [(field: ImportField, column: Int)] = []
        for entry in mapping.entries {
            let field = ImportField(word: entry.field, kind: kind)
            guard !bindings.contains(where: { $0.field == field }) else {
                throw .badMapping(text: mapping.text, reason: "\(entry.field) is mapped twice")
            }
            bindings.append((field, try position(of: entry.column)))
        }
        return bindings
    }

    private func position(of column: String) throws(ImportError) -> Int {
        if let index = columns.firstIndex(of: column) { return index }
        let folded = column.lowercased()
        let loose = columns.indices.filter { columns[$0].lowercased() == folded }
        if loose.count == 1 { return loose[0] }
        if column.hasPrefix("#"), let number = Int(column.dropFirst()), columns.indices.contains(number - 1) {
            return number - 1
        }
        throw .unknownColumn(name: column, available: columns)
    }

    /// Opens the file at its first row. Throws: `ImportError`.
    func openRows(path: String) throws(ImportError) -> (rows: any RowReader, source: ImportSource) {
        let source = try ImportSource(path: path, encoding: encoding)
        if isJSONLines { return (JSONLinesReader(source: source, columns: columns), source) }
        let reader = CSVReader(source: source, delimiter: delimiterByte)
        if hasHeader { _ = try reader.next() }
        reader.expectedColumns = columns.count
        return (reader, source)
    }
}
