/// Looks at the start of a file and answers what can be answered about it.
package enum ImportPlanner {
    /// Plans an import of the file at `path`. What is merely unclear is listed in `ImportPlan.problems`.
    ///
    /// Throws: `ImportError` when the file cannot be read as text at all, or an option is no option.
    package static func plan(
        path: String, options: ImportOptions, now: Timestamp
    ) throws(ImportError) -> ImportPlan {
        let source = try ImportSource(path: path, encoding: options.encoding)
        guard ZoneOffsets(named: options.timeZone) != nil else {
            throw .badOption(name: "time zone", value: options.timeZone, expected: "an IANA name such as Asia/Shanghai")
        }
        let sample = try FileSample(path: path, source: source, options: options)
        var plan = ImportPlan(
            kind: options.kind, fileBytes: source.fileBytes, isCompressed: source.isCompressed,
            encoding: source.encoding, isJSONLines: sample.isJSONLines, delimiter: sample.delimiter,
            hasHeader: sample.hasHeader, columns: sample.columns,
            mapping: options.mapping ?? ColumnSuggestions.mapping(for: sample.columns, kind: options.kind),
            dateFormat: options.dateFormat, decimalMark: .point, timeZone: options.timeZone,
            currency: options.currency, preview: [], refusals: [], sampledRows: sample.rowCount, sampledRefusals: 0,
            estimatedRows: sample.estimatedRows, problems: [])
        settle(&plan, sample, options)
        if plan.problems.isEmpty { try preview(&plan, path: path, now: now) }
        return plan
    }

    /// Decides formats from the mapped columns and notes what stays open.
    private static func settle(_ plan: inout ImportPlan, _ sample: FileSample, _ options: ImportOptions) {
        var resolved = ResolvedImport(
            kind: plan.kind, encoding: plan.encoding, isJSONLines: plan.isJSONLines, delimiter: plan.delimiter,
            hasHeader: plan.hasHeader, columns: plan.columns.map(\.name), types: plan.columns.map(\.type),
            mapping: plan.mapping, dateFormat: options.dateFormat ?? .yearMonthDay, decimalMark: .point,
            timeZone: plan.timeZone, currency: plan.currency, fileBytes: plan.fileBytes,
            loyalty: plan.kind == .members ? options.loyalty : nil,
            knownTags: options.kind == .profiles ? options.knownTags : nil)
        do throws(ImportError) {
            let bindings = try resolved.bindings()
            resolved.decimalMark = options.decimalMark ?? decimalMark(bindings, sample)
            plan.decimalMark = resolved.decimalMark
            let times: [ImportField] = [.time, .enrolledAt, .earnedAt, .expiresAt, .tierUntil]
            if options.dateFormat == nil, let time = bindings.first(where: { times.contains($0.field) }) {
                resolved.dateFormat = try dateFormat(sample, column: time.column)
            }
            plan.dateFormat = resolved.dateFormat
            _ = try interpreter(resolved, importedAt: Timestamp(milliseconds: 0), scattered: ScatteredOrders())
            plan.resolved = resolved
        } catch {
            plan.problems.append(ImportPlan.Problem(code: error.code, message: error.description))
        }
    }

    private static func decimalMark(
        _ bindings: [(field: ImportField, column: Int)], _ sample: FileSample
    ) -> DecimalMark {
        let amounts: [ImportField] = [.amount, .total, .price, .discount, .refunded, .points]
        let values = bindings.filter { amounts.contains($0.field) }.flatMap { sample.values(of: $0.column) }
        return DecimalMark.detect(values)
    }

    private static func dateFormat(_ sample: FileSample, column: Int) throws(ImportError) -> DateFormat {
        let name = sample.columns[column].name
        switch DateFormat.detect(sample.values(of: column)) {
        case .found(let format): return format
        case .noValues: return .yearMonthDay
        case .ambiguous(let examples): throw .ambiguousDate(column: name, examples: examples)
        case .unknown(let example): throw .unknownDateFormat(column: name, example: String(example.prefix(60)))
        }
    }

    /// Runs the sample through the same code as the import.
    private static func preview(_ plan: inout ImportPlan, path: String, now: Timestamp) throws(ImportError) {
        guard let resolved = plan.resolved else { return }
        let (rows, _) = try resolved.openRows(path: path)
        var interpreter = try interpreter(resolved, importedAt: now, scattered: ScatteredOrders())
        var events: [IncomingEvent] = []
        var count = 0
        while count < ImportLimits.sampleRecords {
            let line = rows.line
            events.removeAll(keepingCapacity: true)
            var refused: [RowRefusal] = []
            var isEnd = false
            switch try rows.next() {
            case .end:
                refused = try interpreter.finish(into: &events)
                isEnd = true
            case .refused(let refusal): refused = [refusal]
            case .record: refused = try interpreter.read(rows, into: &events)
            }
            note(events, refused, line: interpreter.isWaiting || isEnd ? line : rows.line, in: &plan)
            if isEnd { break }
            count += 1
        }
    }

    private static func note(
        _ events: [IncomingEvent], _ refused: [RowRefusal], line: Int, in plan: inout ImportPlan
    ) {
        plan.sampledRefusals += refused.count
        plan.refusals += refused.prefix(ImportLimits.previewRows - min(plan.refusals.count, ImportLimits.previewRows))
        for event in events where plan.preview.count < ImportLimits.previewRows {
            plan.preview.append(
                ImportPlan.PreviewEvent(
                    line: line, event: event.name, identities: event.identities, time: event.time,
                    properties: event.properties, traits: event.traits))
        }
    }

    static func interpreter(
        _ plan: ResolvedImport, importedAt: Timestamp, scattered: ScatteredOrders
    ) throws(ImportError) -> any RowInterpreter {
        switch plan.kind {
        case .orders: try ImportedOrders(plan, importedAt: importedAt, scattered: scattered)
        case .profiles: try ImportedProfiles(plan, importedAt: importedAt)
        case .members: try ImportedMembers(plan, importedAt: importedAt)
        case .events: try ImportedEvents(plan, importedAt: importedAt)
        }
    }
}
