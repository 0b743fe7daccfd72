import Engine

/// The choices of the mapping form.
///
/// `column.0` names what the first column stands for: a word of `ImportField`, `keep` for a trait or property under
/// its own name, or nothing. The names of the columns travel along as `name.0`.
enum ImportForm {
    static let keep = "keep"

    static let refuse = "refuse"

    /// With the tags of now, where rows that name others are to be refused. Throws: `StorageError`.
    static func options(_ request: PageRequest, _ saved: ImportOptions) async throws -> ImportOptions {
        var options = options(request.form, saved)
        if let choice = request.form["unknown_tags"] {
            options.knownTags =
                choice == refuse ? try await request.platform.store.read { try TagTree.load($0).importable } : nil
        }
        return options
    }

    private static func options(_ form: Fields, _ saved: ImportOptions) -> ImportOptions {
        var options = saved
        let kind = ImportKind(rawValue: form.text("kind")) ?? saved.kind
        options.kind = kind
        options.encoding = form["encoding"].flatMap(TextEncoding.init(rawValue:))
        options.dateFormat = form["date_format"].flatMap(DateFormat.init(rawValue:))
        options.decimalMark = form["decimal_mark"].flatMap(DecimalMark.init(rawValue:))
        options.hasHeader = form["has_header"].flatMap { $0.isEmpty ? nil : $0 == "yes" }
        if let zone = form["time_zone"], !zone.isEmpty { options.timeZone = zone }
        if let currency = form["currency"], !currency.isEmpty { options.currency = currency.uppercased() }
        // Another kind of rows asks for other fields: the suggestions begin anew.
        options.mapping = kind.rawValue == form.text("kind_before") ? mapping(form, kind) : nil
        return options
    }

    private static func mapping(_ form: Fields, _ kind: ImportKind) -> ColumnMapping? {
        var entries: [ColumnMapping.Entry] = []
        for index in 0..<ImportLimits.columns {
            guard let name = form["name.\(index)"] else { break }
            let word = form.text("column.\(index)")
            guard !word.isEmpty else { continue }
            let field = word == keep ? ImportField.custom(name).word(for: kind) : word
            entries.append(ColumnMapping.Entry(field: field, column: name))
        }
        return entries.isEmpty ? nil : ColumnMapping(entries: entries)
    }
}
