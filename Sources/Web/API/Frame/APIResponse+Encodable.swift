import Engine

extension APIResponse {
    /// A report of the engine, as the command line prints it. Throws: `EncodingError`.
    package init(report value: some Encodable) throws {
        self.init(try JSONValue(parsing: ReportRenderer.document(value)))
    }

    /// A page whose list hands out its own cursor as text.
    package init<Item>(page items: [Item], cursor: String?, _ render: (Item) throws -> JSONValue) rethrows {
        try self.init(page: items, next: cursor.map { .string($0) }, render)
    }
}

extension APIRequest {
    /// The cursor of a list that hands out text. Throws: `Problem`.
    package func cursorText() throws -> String? {
        guard let cursor = try cursor() else { return nil }
        guard let text = cursor.stringValue else {
            throw Problem(.badRequest, "bad_cursor", "The cursor is not one that this list gave out.")
        }
        return text
    }

    /// A half-open range of time from two optional parameters; nil when neither is there.
    package func timeRange(from: String, to: String) -> Range<Timestamp>? {
        let (first, last) = (string(from), string(to))
        guard first != nil || last != nil else { return nil }
        let start = first.flatMap { Timestamp(iso8601: $0) } ?? Timestamp(milliseconds: 0)
        let end = last.flatMap { Timestamp(iso8601: $0) } ?? Timestamp(milliseconds: Self.farMilliseconds)
        return start..<max(start, end)
    }

    /// The year 9999.
    private static let farMilliseconds: Int64 = 253_370_764_800_000
}

extension JSONValue {
    /// ISO 8601 of milliseconds since 1970, or null.
    init(milliseconds: Int64?) { self.init(milliseconds.map { Timestamp(milliseconds: $0).iso8601 }) }

    /// An identifier, or null for none.
    init(optionalID id: Int64?) { self = id.flatMap { $0 == 0 ? nil : JSONValue(id: $0) } ?? .null }

    /// A stored JSON document; an object without members when it cannot be read.
    init(document text: String) {
        do throws(JSONError) {
            self = try JSONValue(parsing: text)
        } catch {
            self = [:]
        }
    }
}
