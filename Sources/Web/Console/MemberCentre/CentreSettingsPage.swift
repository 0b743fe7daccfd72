import Engine
import Foundation
import Storage

/// How the member centre looks, what it shows, and which keys sign the brand's own tokens.
struct CentreSettingsModel: PageModel {
    struct Section: Encodable, Sendable {
        var value: String
        var title: String
        var checked: String?
    }

    struct Key: Encodable, Sendable {
        var id: String
        var name: String
        var algorithm: String
        var since: String
    }

    var isOn: Bool
    var brandName: String
    var colour: String
    var sections: [Section]
    var isInboxUndecided: Bool
    var causes: String
    var linkHours: String
    var sessionHours: String
    var audience: String
    var keys: [Key]
    var hasKeys: Bool
    var algorithms: [Choice]
    var keyName: String
    var entry: String
    var revision: String
    var problem: String?
}

enum CentreSettingsPage {
    private static let path = "/settings/member-centre"

    static func show(_ request: PageRequest) async throws -> Reply { try await answer(request) }

    static func save(_ request: PageRequest) async throws -> Reply {
        let (wanted, actor, now, seen) = (read(request.form), request.actor, request.now, request.form["revision"])
        do {
            _ = try await request.platform.store.write {
                try wanted.save(seen: seen ?? "", by: actor, $0, at: now)
            }
        } catch CentreError.invalid(let field, _) {
            return try await answer(request, wanted, problem: request.text("centre.invalid_\(field)"))
        } catch let conflict as EditConflict {
            return try await meet(conflict, wanted, request)
        }
        return .redirect(to: path, notice: "frame.saved")
    }

    static func addKey(_ request: PageRequest) async throws -> Reply {
        let (form, actor, platform) = (request.form, request.actor, request.platform)
        let draft = CentreKey.Draft(
            name: form.text("name"), algorithm: CentreKey.Algorithm(rawValue: form.text("algorithm")) ?? .hs256,
            material: form.text("material"))
        do {
            _ = try await platform.store.write {
                try CentreSettings.add(draft, by: actor, platform.seal, platform.effects, $0)
            }
        } catch CentreError.invalid(let field, _) {
            return try await answer(request, problem: request.text("centre.invalid_\(field)"))
        } catch CentreError.tooMany {
            return try await answer(request, problem: request.text("centre.too_many"))
        }
        return .redirect(to: path, notice: "centre.key_added")
    }

    static func removeKey(_ request: PageRequest) async throws -> Reply {
        let (id, actor, now) = (request.parameters["key"] ?? "", request.actor, request.now)
        do {
            try await request.platform.store.write {
                try CentreSettings.remove(key: id, by: actor, $0, at: now)
            }
        } catch CentreError.keyNotFound {
            throw PageFailure.notFound
        }
        return .redirect(to: path, notice: "centre.key_removed")
    }

    /// The pages of the newest member, to look only.
    static func preview(_ request: PageRequest) async throws -> Reply {
        let newest = try await request.platform.store.read {
            try MemberList.page(search: "", before: nil, limit: newestMax, $0).rows.first {
                !$0.isClosed && $0.profileID != 0
            }
        }
        guard let newest else {
            return try await answer(request, problem: request.text("centre.preview_nobody"))
        }
        do {
            return .redirect(to: try await CentreLinksPage.previewPath(of: newest.id, request))
        } catch CentreError.off {
            return try await answer(request, problem: request.text("centre.is_off"))
        }
    }

    private static let newestMax = 50

    private static func read(_ form: Fields) -> CentreSettings {
        var wanted = CentreSettings()
        wanted.isOn = form["on"] != nil
        wanted.brandName = form.text("brand_name").trimmingCharacters(in: .whitespacesAndNewlines)
        wanted.colour = form.text("colour").trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
        let chosen = Set(form.all("section"))
        wanted.sections = CentreSection.allCases.filter { chosen.contains($0.rawValue) }
        wanted.causes = form.text("causes").split(whereSeparator: \.isNewline).compactMap { line in
            let names = line.split(separator: "|", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
                .filter { !$0.isEmpty }
            guard let first = names.first else { return nil }
            return CentreCause(names: ["zh-Hans": first, "en": names.count > 1 ? names[1] : first])
        }
        wanted.linkHours = Int(form.text("link_hours")) ?? 0
        wanted.sessionHours = Int(form.text("session_hours")) ?? 0
        wanted.audience = form.text("audience").trimmingCharacters(in: .whitespacesAndNewlines)
        return wanted
    }

    private static func lines(_ causes: [CentreCause]) -> String {
        causes.map { cause in
            let (chinese, english) = (cause.name("zh-Hans"), cause.name("en"))
            return chinese == english ? chinese : "\(chinese) | \(english)"
        }.joined(separator: "\n")
    }

    private static func titles(_ sections: [CentreSection], _ request: PageRequest) -> String {
        sections.map { request.text("centre.section_\($0.rawValue)") }.joined(separator: ", ")
    }

    private static func meet(
        _ conflict: EditConflict, _ mine: CentreSettings, _ request: PageRequest
    ) async throws -> Reply {
        let theirs = try await request.platform.store.read { try CentreSettings.load($0) }
        return EditConflictPage.answer(
            request, conflict,
            rows: [
                (
                    request.text("centre.on"), EditConflictPage.yesOrNo(mine.isOn, request),
                    EditConflictPage.yesOrNo(theirs.isOn, request)
                ),
                (request.text("centre.brand_name"), mine.brandName, theirs.brandName),
                (request.text("centre.colour"), mine.colour, theirs.colour),
                (request.text("centre.sections"), titles(mine.sections, request), titles(theirs.sections, request)),
                (request.text("centre.causes"), lines(mine.causes), lines(theirs.causes)),
                (request.text("centre.link_hours"), String(mine.linkHours), String(theirs.linkHours)),
                (request.text("centre.session_hours"), String(mine.sessionHours), String(theirs.sessionHours)),
                (request.text("centre.audience"), mine.audience, theirs.audience),
            ], back: path)
    }

    /// - Parameter wanted: what was typed, when something of it was wrong.
    private static func answer(
        _ request: PageRequest, _ wanted: CentreSettings? = nil, problem: String? = nil
    ) async throws -> Reply {
        let stored = try await request.platform.store.read { try CentreSettings.load($0) }
        let settings = wanted ?? stored
        let model = CentreSettingsModel(
            isOn: settings.isOn, brandName: settings.brandName, colour: settings.colour,
            sections: CentreSection.allCases.map { section in
                CentreSettingsModel.Section(
                    value: section.rawValue, title: request.text("centre.section_\(section.rawValue)"),
                    checked: settings.shows(section) ? "checked" : nil)
            }, isInboxUndecided: settings.isInboxUndecided, causes: lines(settings.causes),
            linkHours: String(settings.linkHours), sessionHours: String(settings.sessionHours),
            audience: settings.audience,
            keys: stored.keys.map { key in
                CentreSettingsModel.Key(
                    id: key.id, name: key.name, algorithm: key.algorithm.rawValue,
                    since: request.text(
                        "centre.key_since",
                        ["date": request.wording.date(Timestamp(milliseconds: key.createdMS))]))
            }, hasKeys: !stored.keys.isEmpty,
            algorithms: CentreKey.Algorithm.allCases.map {
                Choice($0.rawValue, $0.rawValue, chosen: request.form.text("algorithm"))
            }, keyName: request.form.text("name"), entry: request.address + "/m/enter?token=…",
            revision: wanted == nil ? try stored.revision.text : request.form.text("revision"), problem: problem)
        return .page(
            Page(
                "settings/member-centre", title: request.text("centre.title"),
                crumbs: [Crumb(request.text("settings.title"), "/settings")], model: model,
                status: problem == nil ? .ok : .unprocessableContent))
    }
}
