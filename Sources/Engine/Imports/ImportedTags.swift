/// Reads what a row says of its person's tags: a list of JSON, or texts with `,`, `;` or `|` between them.
struct ImportedTags {
    /// Names and paths that may be given; nil: any, unknown ones are made.
    private let known: Set<String>?
    private static let separators: Set<Character> = [",", ";", "|", "，", "；", "、"]

    init(_ known: [String]?) {
        self.known = known.map(Set.init)
    }

    /// The value of the property `tags`. Throws: `FieldFault` naming the first tag that cannot be given.
    func read(_ fields: RowFields, _ rows: any RowReader) throws(FieldFault) -> [JSONValue] {
        let names = try names(fields, rows)
        guard names.count <= Tags.namesOfEvent else {
            throw Self.fault(.tooLong, "a row names at most \(Tags.namesOfEvent) tags")
        }
        for name in names { try check(name) }
        return names.map(JSONValue.string)
    }

    private func names(_ fields: RowFields, _ rows: any RowReader) throws(FieldFault) -> [String] {
        let text = fields.json(.tags, rows)?.text ?? fields.text(.tags, rows).text
        guard let first = Whitespace.trim(text).first, first == "[" || fields.json(.tags, rows) != nil else {
            return Self.split(text)
        }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: text)
        } catch {
            throw Self.fault(.badJSON, "tags are a list of texts")
        }
        if let words = value.stringValue { return Self.split(words) }
        guard let elements = value.arrayValue else { throw Self.fault(.badJSON, "tags are a list of texts") }
        let texts = elements.compactMap(\.stringValue)
        guard texts.count == elements.count else { throw Self.fault(.badJSON, "tags are a list of texts") }
        return texts.map(Self.path).filter { !$0.isEmpty }
    }

    private static func split(_ text: String) -> [String] {
        text.split(whereSeparator: separators.contains).map { path(String($0)) }.filter { !$0.isEmpty }
    }

    private func check(_ path: String) throws(FieldFault) {
        let parts = path.split(separator: "/")
        guard parts.count <= Tags.depth else {
            throw Self.fault(.tooLong, "“\(path)” has more than \(Tags.depth) levels")
        }
        guard parts.allSatisfy({ $0.count <= Tags.nameCharacters }) else {
            throw Self.fault(.tooLong, "a tag's name has at most \(Tags.nameCharacters) characters")
        }
        if let known, !known.contains(path) {
            throw Self.fault(
                .unknownTag, "there is no tag “\(path)” that an import may give; make it first, or have it made")
        }
    }

    /// Without blanks about the strokes.
    private static func path(_ text: String) -> String {
        text.split(separator: "/").map { Whitespace.trim(String($0)) }.filter { !$0.isEmpty }.joined(separator: "/")
    }

    private static func fault(_ reason: RefusalReason, _ explanation: String) -> FieldFault {
        FieldFault(field: .tags, reason: reason, explanation: explanation)
    }
}

extension TagTree {
    /// Whatever a manual tag can be called: its path, and its name where no other has it.
    package var importable: [String] {
        let manual = nodes.values.filter { isManual($0.id) }
        let counts = Dictionary(nodes.values.map { ($0.name, 1) }, uniquingKeysWith: +)
        let alone = manual.map(\.name).filter { counts[$0] == 1 }
        return Set(manual.map { path(of: $0.id) } + alone).sorted()
    }
}
