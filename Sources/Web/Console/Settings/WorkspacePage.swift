import Engine
import Foundation

/// The brand's name, zone, currency, country and language.
struct WorkspaceModel: PageModel {
    var name: String
    var timeZone: String
    var zones: [String]
    var currencies: [Choice]
    var countries: [Choice]
    var languages: [Choice]
    var requiresTwoFactor: Bool
    var revision: String
    var problem: String?
    var problemField: String?
}

/// One entry of a list to choose from.
struct Choice: Encodable, Sendable {
    var value: String
    var title: String
    /// `selected` on the chosen one; otherwise nil.
    var selected: String?

    init(_ value: String, _ title: String, chosen: String) {
        self.value = value
        self.title = title
        selected = value == chosen ? "selected" : nil
    }
}

enum WorkspacePage {
    static func show(_ request: PageRequest) async throws -> Reply {
        try answer(request, request.workspace)
    }

    static func save(_ request: PageRequest) async throws -> Reply {
        var wanted = request.workspace
        wanted.name = request.form.text("name").trimmingCharacters(in: .whitespacesAndNewlines)
        wanted.timeZone = request.form.text("time_zone")
        wanted.currency = request.form.text("currency")
        wanted.defaultCountry = request.form.text("country")
        wanted.language = request.form.text("language")
        wanted.requiresTwoFactor = request.form["two_factor"] != nil
        if wanted.requiresTwoFactor, !request.workspace.requiresTwoFactor, request.user.twoFactorSince == nil,
            request.session.method != .sso
        {
            return try answer(request, wanted, problem: request.text("settings.problem_two_factor"))
        }
        let seen = request.form["revision"]
        do {
            let (actor, now, saved) = (request.actor, request.now, wanted)
            try await request.platform.store.write { connection in
                try Revision.check(seen, against: try Workspace.load(connection))
                try saved.save(connection, at: now)
                try AuditLog.append(
                    actor: actor, action: "workspace.save", subject: "workspace",
                    detail: "\(saved.name) \(saved.timeZone) \(saved.currency)", connection, at: now)
            }
        } catch let error as WorkspaceError {
            let text = request.text("settings.problem_\(field(error))")
            return try answer(request, wanted, problem: text, field: field(error))
        } catch let conflict as EditConflict {
            return try await meet(conflict, wanted, request)
        }
        return .redirect(to: "/settings", notice: "frame.saved")
    }

    private static func answer(
        _ request: PageRequest, _ workspace: Workspace, problem: String? = nil, field: String? = nil
    ) throws -> Reply {
        let currencies = ["CNY", "HKD", "TWD", "USD", "EUR", "GBP", "JPY", "KRW", "SGD", "AUD", "CAD"]
        let countries = ["CN", "HK", "MO", "TW", "SG", "JP", "KR", "US", "GB", "DE", "FR", "AU", "CA"]
        let locale = Locale(identifier: request.wording.language)
        let revision = try request.form["revision"] ?? Revision(of: request.workspace).text
        let model = WorkspaceModel(
            name: workspace.name, timeZone: workspace.timeZone,
            zones: TimeZone.knownTimeZoneIdentifiers.filter { $0.contains("/") },
            currencies: with(workspace.currency, currencies).map {
                Choice($0, "\($0) · \(locale.localizedString(forCurrencyCode: $0) ?? $0)", chosen: workspace.currency)
            },
            countries: with(workspace.defaultCountry, countries).map {
                Choice($0, locale.localizedString(forRegionCode: $0) ?? $0, chosen: workspace.defaultCountry)
            },
            languages: [
                Choice("zh-Hans", "中文", chosen: workspace.language),
                Choice("en", "English", chosen: workspace.language),
            ],
            requiresTwoFactor: workspace.requiresTwoFactor,
            revision: revision,
            problem: problem, problemField: field)
        return .page(
            Page(
                "settings/workspace", title: request.text("settings.title"), model: model,
                status: problem == nil ? .ok : .unprocessableContent))
    }

    private static func meet(
        _ conflict: EditConflict, _ mine: Workspace, _ request: PageRequest
    ) async throws -> Reply {
        let theirs = try await request.platform.store.read { try Workspace.load($0) }
        let texts: [(String, KeyPath<Workspace, String>)] = [
            ("settings.name", \.name), ("settings.language", \.language), ("settings.time_zone", \.timeZone),
            ("settings.currency", \.currency), ("settings.country", \.defaultCountry),
        ]
        let required = (
            request.text("settings.two_factor_all"), EditConflictPage.yesOrNo(mine.requiresTwoFactor, request),
            EditConflictPage.yesOrNo(theirs.requiresTwoFactor, request)
        )
        return EditConflictPage.answer(
            request, conflict,
            rows: texts.map { (request.text($0), mine[keyPath: $1], theirs[keyPath: $1]) } + [required],
            back: "/settings")
    }

    private static func with(_ code: String, _ codes: [String]) -> [String] {
        codes.contains(code) ? codes : [code] + codes
    }

    private static func field(_ problem: WorkspaceError) -> String {
        switch problem {
        case .name: "name"
        case .timeZone: "time_zone"
        case .currency: "currency"
        case .country: "country"
        case .language: "language"
        }
    }
}
