import Storage

/// One import as the history keeps it.
package struct ImportRecord: Sendable, Equatable {
    package var id: Int64
    package var kind: ImportKind
    /// 0 until it is started.
    package var sourceID: Int64
    package var fileName: String
    package var filePath: String
    /// The file is a copy of ours, deleted with the record.
    package var isUpload: Bool
    package var fileBytes: Int64
    package var fingerprint: String
    package var status: ImportStatus
    package var options: ImportOptions
    /// What was decided when it was started.
    package var plan: ResolvedImport?
    package var progress: ImportProgress
    package var error: Failure?
    package var errorsPath: String
    package var createdAt: Timestamp
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?
    package var createdBy: Int64?

    /// Why an import failed: a word for programs and a sentence for people.
    package struct Failure: Sendable, Equatable, Codable {
        package var code: String
        package var message: String
    }
}

extension ImportRecord {
    /// What was decided when it was started, as a question for another file; as asked when it never was.
    package var decidedOptions: ImportOptions {
        guard let plan else { return options }
        var decided = options
        decided.kind = plan.kind
        decided.mapping = plan.mapping
        decided.dateFormat = plan.dateFormat
        decided.decimalMark = plan.decimalMark
        decided.timeZone = plan.timeZone
        decided.currency = plan.currency
        decided.knownTags = plan.knownTags
        return decided
    }
}

extension ImportRecord {
    static let columns = """
        id, kind, source_id, file_name, file_path, is_upload, file_bytes, fingerprint, status, options, plan, \
        progress, error, errors_path, created_ms, started_ms, finished_ms, created_by
        """

    /// Reads one row of `columns`. Throws: `StorageError`, `DecodingError`.
    init(row: SQLRow) throws {
        let progressText = try row.text(11)
        self.init(
            id: try row.int(0), kind: try ImportRecord.word(row, 1), sourceID: try row.int(2),
            fileName: try row.text(3), filePath: try row.text(4), isUpload: try row.bool(5),
            fileBytes: try row.int(6), fingerprint: try row.text(7), status: try ImportRecord.word(row, 8),
            options: try StoredDocument.value(ImportOptions.self, from: try row.text(9)),
            plan: try row.textOrNil(10).map { try StoredDocument.value(ResolvedImport.self, from: $0) },
            progress: progressText == "{}"
                ? ImportProgress() : try StoredDocument.value(ImportProgress.self, from: progressText),
            error: try row.textOrNil(12).map { try StoredDocument.value(Failure.self, from: $0) },
            errorsPath: try row.text(13), createdAt: Timestamp(milliseconds: try row.int(14)),
            startedAt: try row.intOrNil(15).map(Timestamp.init(milliseconds:)),
            finishedAt: try row.intOrNil(16).map(Timestamp.init(milliseconds:)), createdBy: try row.intOrNil(17))
    }

    private static func word<Word: RawRepresentable>(
        _ row: SQLRow, _ column: Int
    ) throws -> Word where Word.RawValue == String {
        let text = try row.text(column)
        guard let word = Word(rawValue: text) else {
            throw StorageError.unexpectedValue(column: column, expected: "\(Word.self)", found: text)
        }
        return word
    }
}
