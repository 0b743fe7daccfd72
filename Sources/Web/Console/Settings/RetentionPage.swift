import Engine

/// How long what is collected is kept.
struct RetentionModel: PageModel {
    var eventMonths: String
    var quarantineDays: String
    var importFileDays: String
    var receiptDays: String
    var messageDays: String
    var revision: String
    var problem: String?
}

enum RetentionPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let settings = try await request.platform.store.read { try RetentionSettings.load($0) }
        return answer(request, model(settings, revision: try Revision(of: settings).text))
    }

    static func save(_ request: PageRequest) async throws -> Reply {
        let form = request.form
        let (actor, now, seen) = (request.actor, request.now, form["revision"])
        do {
            let wanted = try settings(form)
            do {
                try await request.platform.store.write { connection in
                    try Revision.check(seen, against: try RetentionSettings.load(connection))
                    try wanted.save(by: actor, connection, at: now)
                }
            } catch let conflict as EditConflict {
                return try await meet(conflict, wanted, request)
            }
        } catch let error as RetentionError {
            let model = RetentionModel(
                eventMonths: form.text("event_months"), quarantineDays: form.text("quarantine_days"),
                importFileDays: form.text("import_days"), receiptDays: form.text("receipt_days"),
                messageDays: form.text("message_days"), revision: seen ?? "",
                problem: request.text("settings.retention_problem_\(word(error))"))
            return answer(request, model)
        }
        return .redirect(to: "/settings/retention", notice: "frame.saved")
    }

    /// Throws: `RetentionError` for what is no whole number.
    private static func settings(_ form: Fields) throws -> RetentionSettings {
        func number(_ name: String, _ error: RetentionError) throws -> Int? {
            let text = form.text(name).filter { !$0.isWhitespace }
            if text.isEmpty { return nil }
            guard let number = Int(text) else { throw error }
            return number
        }
        var settings = RetentionSettings()
        settings.eventMonths = try number("event_months", .eventMonths)
        settings.quarantineDays = try number("quarantine_days", .quarantineDays)
        settings.importFileDays = try number("import_days", .importFileDays)
        settings.messageDays = try number("message_days", .messageDays)
        guard let receipts = try number("receipt_days", .receiptDays) else { throw RetentionError.receiptDays }
        settings.receiptDays = receipts
        return settings
    }

    private static func word(_ error: RetentionError) -> String {
        switch error {
        case .eventMonths: "months"
        case .quarantineDays, .importFileDays: "days"
        case .receiptDays: "receipts"
        case .messageDays: "messages"
        }
    }

    private static func meet(
        _ conflict: EditConflict, _ wanted: RetentionSettings, _ request: PageRequest
    ) async throws -> Reply {
        let saved = try await request.platform.store.read { try RetentionSettings.load($0) }
        let (mine, theirs) = (model(wanted, revision: ""), model(saved, revision: ""))
        return EditConflictPage.answer(
            request, conflict,
            rows: [
                (request.text("settings.retention_events"), mine.eventMonths, theirs.eventMonths),
                (request.text("settings.retention_quarantine"), mine.quarantineDays, theirs.quarantineDays),
                (request.text("settings.retention_imports"), mine.importFileDays, theirs.importFileDays),
                (request.text("settings.retention_receipts"), mine.receiptDays, theirs.receiptDays),
                (request.text("settings.retention_messages"), mine.messageDays, theirs.messageDays),
            ], back: "/settings/retention")
    }

    private static func model(_ settings: RetentionSettings, revision: String) -> RetentionModel {
        func text(_ number: Int?) -> String { number.map(String.init) ?? "" }
        return RetentionModel(
            eventMonths: text(settings.eventMonths), quarantineDays: text(settings.quarantineDays),
            importFileDays: text(settings.importFileDays), receiptDays: String(settings.receiptDays),
            messageDays: text(settings.messageDays), revision: revision)
    }

    private static func answer(_ request: PageRequest, _ model: RetentionModel) -> Reply {
        .page(
            Page(
                "settings/retention", title: request.text("settings.retention"),
                crumbs: [Crumb(request.text("settings.title"), "/settings")], model: model,
                status: model.problem == nil ? .ok : .unprocessableContent))
    }
}
