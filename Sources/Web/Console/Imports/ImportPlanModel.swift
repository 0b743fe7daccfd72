import Engine

/// What an import would do: how the file was understood, and the choices that can still be made.
struct ImportPlanModel: PageModel {
    struct Column: Encodable, Sendable {
        var index: String
        var name: String
        var type: String
        var examples: String
        var fields: [Choice]
    }

    struct Problem: Encodable, Sendable {
        var text: String
    }

    struct Row: Encodable, Sendable {
        var line: String
        var event: String
        var person: String
        var time: String
        var detail: String
    }

    struct Refusal: Encodable, Sendable {
        var line: String
        var column: String
        var reason: String
    }

    var id: String
    var kind: String
    var kinds: [Choice]
    var facts: [FigureModel]
    var columns: [Column]
    var encodings: [Choice]
    var dateFormats: [Choice]
    var decimalMarks: [Choice]
    var headers: [Choice]
    /// Of people alone.
    var unknownTags: [Choice]
    var hasTags: Bool
    var timeZone: String
    var currency: String
    var problems: [Problem]
    var isReady: Bool
    var preview: [Row]
    var hasPreview: Bool
    var refusals: [Refusal]
    var hasRefusals: Bool
    var refusalsText: String
    var problem: String?
}

extension ImportPlanModel {
    init(_ record: ImportRecord, _ plan: ImportPlan, _ options: ImportOptions, _ request: PageRequest) {
        let wording = request.wording
        id = String(record.id)
        kind = plan.kind.rawValue
        kinds = ImportKind.allCases.map {
            Choice($0.rawValue, wording.text("imports.kind_\($0.rawValue)"), chosen: plan.kind.rawValue)
        }
        facts = ImportPlanModel.facts(plan, wording)
        columns = plan.columns.enumerated().map { ImportPlanModel.column($0.offset, $0.element, plan, wording) }
        let automatic = wording.text("imports.automatic")
        encodings =
            [Choice("", automatic, chosen: options.encoding?.rawValue ?? "")]
            + TextEncoding.allCases.map {
                Choice($0.rawValue, $0.rawValue.uppercased(), chosen: options.encoding?.rawValue ?? "")
            }
        dateFormats =
            [Choice("", automatic, chosen: options.dateFormat?.rawValue ?? "")]
            + DateFormat.allCases.map {
                Choice(
                    $0.rawValue, wording.known("imports.date_\($0.rawValue.replacing("-", with: "_"))") ?? $0.rawValue,
                    chosen: options.dateFormat?.rawValue ?? "")
            }
        decimalMarks =
            [Choice("", automatic, chosen: options.decimalMark?.rawValue ?? "")]
            + DecimalMark.allCases.map {
                Choice(
                    $0.rawValue, wording.text("imports.decimal_\($0.rawValue)"),
                    chosen: options.decimalMark?.rawValue ?? "")
            }
        let header = options.hasHeader.map { $0 ? "yes" : "no" } ?? ""
        headers = [
            Choice("", automatic, chosen: header), Choice("yes", wording.text("imports.header_yes"), chosen: header),
            Choice("no", wording.text("imports.header_no"), chosen: header),
        ]
        let unknown = options.knownTags == nil ? "" : ImportForm.refuse
        unknownTags = [
            Choice("", wording.text("imports.unknown_tags_create"), chosen: unknown),
            Choice(ImportForm.refuse, wording.text("imports.unknown_tags_refuse"), chosen: unknown),
        ]
        hasTags = plan.kind == .profiles
        timeZone = plan.timeZone
        currency = plan.currency
        problems = plan.problems.map { Problem(text: ImportText.say($0.code, $0.message, request)) }
        isReady = plan.resolved != nil
        preview = plan.preview.map { ImportPlanModel.row($0, plan, wording) }
        hasPreview = !plan.preview.isEmpty
        refusals = plan.refusals.prefix(5).map {
            Refusal(line: wording.number($0.line), column: $0.column, reason: $0.explanation)
        }
        hasRefusals = plan.sampledRefusals > 0
        refusalsText = wording.text(
            "imports.refusals", ["sampled": wording.number(plan.sampledRows)], count: Int64(plan.sampledRefusals))
    }

    private static func facts(_ plan: ImportPlan, _ wording: Wording) -> [FigureModel] {
        let mark = plan.delimiter == "\t" ? "⇥" : plan.delimiter
        let format = plan.isJSONLines ? "JSON Lines" : wording.text("imports.delimited", ["mark": mark])
        return [
            FigureModel(wording.text("imports.rows"), "≈ " + wording.compact(plan.estimatedRows)),
            FigureModel(wording.text("imports.size"), wording.bytes(plan.fileBytes)),
            FigureModel(
                wording.text("imports.format"), plan.encoding.rawValue.uppercased(),
                note: plan.isCompressed ? format + " · gzip" : format),
            FigureModel(wording.text("imports.columns"), wording.number(plan.columns.count)),
        ]
    }

    private static func column(
        _ index: Int, _ sample: ColumnSample, _ plan: ImportPlan, _ wording: Wording
    ) -> Column {
        let entry = plan.mapping.entries.first { $0.column == sample.name || $0.column == "#\(index + 1)" }
        let words = ImportField.words(for: plan.kind)
        let chosen = entry.map { words.contains($0.field) ? $0.field : $0.field == "customer" ? "user_id" : keepWord }
        let known = chosen.map { $0 == "date" ? "time" : $0 } ?? ""
        let keepTitle = wording.text(
            plan.kind == .profiles || plan.kind == .members ? "imports.keep_trait" : "imports.keep_property")
        return Column(
            index: String(index), name: sample.name, type: wording.text("imports.type_\(sample.type.rawValue)"),
            examples: sample.examples.joined(separator: " · "),
            fields: [
                Choice("", wording.text("imports.ignore"), chosen: known),
                Choice(keepWord, keepTitle, chosen: known),
            ]
                + words.map { word in
                    let title = wording.known("identity.\(word)") ?? wording.known("field.\(word)") ?? word
                    return Choice(word, title, chosen: known)
                })
    }

    private static let keepWord = ImportForm.keep

    private static func row(_ event: ImportPlan.PreviewEvent, _ plan: ImportPlan, _ wording: Wording) -> Row {
        let document = plan.kind == .profiles ? event.traits : event.properties
        return Row(
            line: wording.number(event.line), event: wording.event(event.event),
            person: event.identities.map { "\(wording.known("identity.\($0.kind)") ?? $0.kind) \($0.value)" }
                .joined(separator: " · "),
            time: wording.dateTime(event.time), detail: String(document.prefix(300)))
    }
}
