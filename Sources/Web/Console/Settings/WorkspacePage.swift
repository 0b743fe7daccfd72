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
        answer(request, request.workspace)
    }

    static func save(_ request: PageRequest) async throws -> Reply {
        var wanted = request.workspace
        wanted.name = request.form.text("name").trimmingCharacters(in: .whitespacesAndNewlines)
        wanted.timeZone = request.form.text("time_zone")
        wanted.currency = request.form.text("currency")
        wanted.defaultCountry = request.form.text("country")
        wanted.language = request.form.text("language")
        do {
            let (actor, now, saved) = (request.actor, request.now, wanted)
            try await request.platform.store.write { connection in
                try saved.save(connection, at: now)
                try AuditLog.append(
                    actor: actor, action: "workspace.save", subject: "workspace",
                    detail: "\(saved.name) \(saved.timeZone) \(saved.currency)", connection, at: now)
            }
        } catch let error as WorkspaceError {
            return answer(request, wanted, problem: error)
        }
        return .redirect(to: "/settings", notice: "frame.saved")
    }

    private static func answer(
        _ request: PageRequest, _ workspace: Workspace, problem: WorkspaceError? = nil
    ) -> Reply {
        let currencies = ["CNY", "HKD", "TWD", "USD", "EUR", "GBP", "JPY", "KRW", "SGD", "AUD", "CAD"]
        let countries = ["CN", "HK", "MO", "TW", "SG", "JP", "KR", "US", "GB", "DE", "FR", "AU", "CA"]
        let locale = Locale(identifier: request.wording.language)
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
            problem: problem.map { request.text("settings.problem_\(field($0))") },
            problemField: problem.map(field))
        return .page(
            Page(
                "settings/workspace", title: request.text("settings.title"), model: model,
                status: problem == nil ? .ok : .unprocessableContent))
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
