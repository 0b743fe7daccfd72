/// Why a whole file cannot be imported as asked; single bad rows are `RowRefusal`s.
package enum ImportError: Error, Sendable, Equatable {
    case cannotOpen(path: String, reason: String)
    case cannotRead(reason: String)
    case cannotWrite(path: String, reason: String)
    case empty
    case notText(reason: String)
    case unknownEncoding(invalidBytesAtOffset: Int)
    case truncatedGzip(afterBytes: Int64)
    case corruptGzip(afterBytes: Int64)
    case decompressionBomb(afterBytes: Int64)
    case unknownColumn(name: String, available: [String])
    case badMapping(text: String, reason: String)
    /// Fields without which the kind of rows cannot be understood, as words of the mapping.
    case missingFields([String], kind: ImportKind, available: [String])
    case ambiguousDate(column: String, examples: [String])
    case unknownDateFormat(column: String, example: String)
    case badOption(name: String, value: String, expected: String)
    case tooManyRowsWithoutID(limit: Int)
    case scatteredOrders(limit: Int)
    case fileChanged
    case uploadTooLarge(limitBytes: Int64)
    case notFound(id: Int64)
    case wrongStatus(status: String, wanted: String)
}

extension ImportError: CustomStringConvertible {
    /// What was wrong, where, and what would be right.
    package var description: String {
        switch self {
        case .cannotOpen(let path, let reason): "cannot open \(path): \(reason)"
        case .cannotRead(let reason): "the file cannot be read: \(reason)"
        case .cannotWrite(let path, let reason): "cannot write \(path): \(reason)"
        case .empty: "the file is empty"
        case .notText(let reason): "this is not a text file (\(reason)); CSV or JSON Lines is expected, gzip allowed"
        case .unknownEncoding(let offset):
            "the text is neither UTF-8 nor GB18030 (first doubtful byte at \(offset)); name its encoding"
        case .truncatedGzip(let bytes): "the gzip file ends early, after \(bytes) bytes of content; fetch it again"
        case .corruptGzip(let bytes): "the gzip file is damaged after \(bytes) bytes of content; fetch it again"
        case .decompressionBomb(let bytes):
            "the gzip file grows too much: stopped after \(bytes) bytes of content; if it is real, decompress it first"
        case .unknownColumn(let name, let available):
            "there is no column “\(name)”; the columns are \(available.joined(separator: ", "))"
        case .badMapping(let text, let reason): "the mapping “\(text)” is not understood: \(reason)"
        case .missingFields(let fields, let kind, let available):
            "importing \(kind.rawValue) needs a column for \(fields.joined(separator: " and ")); "
                + "the columns are \(available.joined(separator: ", "))"
        case .ambiguousDate(let column, let examples):
            "dates in “\(column)” can be day/month or month/day (\(examples.joined(separator: ", "))); "
                + "choose the date format dmy or mdy"
        case .unknownDateFormat(let column, let example):
            "“\(example)” in “\(column)” is not a date that is understood; "
                + "choose a date format: ymd, dmy, mdy, compact, epoch-s, epoch-ms"
        case .badOption(let name, let value, let expected): "\(name) “\(value)” is not \(expected)"
        case .tooManyRowsWithoutID(let limit):
            "more than \(limit) rows carry no id of their own; split the file"
        case .scatteredOrders(let limit):
            "more than \(limit) lines belong to orders whose rows are scattered; sort the file by order id"
        case .fileChanged: "the file is not the one this import began with; start a new import"
        case .uploadTooLarge(let limit): "the file is larger than \(limit) bytes"
        case .notFound(let id): "there is no import \(id)"
        case .wrongStatus(let status, let wanted): "the import is \(status); it must be \(wanted) for this"
        }
    }
}

extension ImportError {
    /// A word for programs.
    package var code: String {
        switch self {
        case .cannotOpen: "cannot_open"
        case .cannotRead: "cannot_read"
        case .cannotWrite: "cannot_write"
        case .empty: "empty"
        case .notText: "not_text"
        case .unknownEncoding: "unknown_encoding"
        case .truncatedGzip: "truncated_gzip"
        case .corruptGzip: "corrupt_gzip"
        case .decompressionBomb: "decompression_bomb"
        case .unknownColumn: "unknown_column"
        case .badMapping: "bad_mapping"
        case .missingFields: "missing_fields"
        case .ambiguousDate: "ambiguous_date"
        case .unknownDateFormat: "unknown_date_format"
        case .badOption: "bad_option"
        case .tooManyRowsWithoutID: "too_many_rows_without_id"
        case .scatteredOrders: "scattered_orders"
        case .fileChanged: "file_changed"
        case .uploadTooLarge: "upload_too_large"
        case .notFound: "not_found"
        case .wrongStatus: "wrong_status"
        }
    }
}
