import Engine
import Storage

/// A draft being written: rules as sentences, and the JSON underneath, which stays the truth.
struct ProgramFormModel: PageModel {
    var action: String
    var title: String
    var document: String
    /// What the editor may offer, as JSON for a script element.
    var offer: String
    var problem: String?
    var problems: [String]
    var back: String
    var revision: String
}

enum ProgramFormPage {
    static func edit(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("version")
        let version = try await ProgramVersionPage.found {
            try await request.platform.store.read { try ProgramVersions.get(id, $0) }
        }
        guard version.status == .draft else { return .redirect(to: "/program/versions/\(id)") }
        return try await answer(
            request, id, title: version.title, document: version.document, revision: try version.revision.text)
    }

    static func save(_ request: PageRequest) async throws -> Reply {
        let (id, effects, actor) = (try request.id("version"), request.platform.effects, request.actor)
        let (title, document) = (request.form.text("title"), request.form.text("definition"))
        let seen = request.form.text("revision")
        func again(_ problem: String, _ problems: [String] = [], revision: String) async throws -> Reply {
            try await answer(
                request, id, title: title, document: document, revision: revision, problem: problem,
                problems: problems)
        }
        do {
            try await request.platform.store.write { connection in
                try Revision.check(seen, at: try ProgramVersions.get(id, connection).revision)
                let version = try ProgramVersions.update(
                    id, title: title, document: document, by: actor, at: effects.now(), connection)
                try AuditLog.append(
                    actor: actor, action: "program.edit", subject: "program:\(id)", detail: version.title, connection,
                    at: effects.now())
            }
            return .redirect(to: "/program/versions/\(id)", notice: "program.saved")
        } catch let conflict as EditConflict {
            return try await again(request.text("tag.edited_meanwhile"), revision: conflict.current.text)
        } catch ProgramError.invalid(let error) {
            return try await again(
                request.text("program.invalid"), FormPlace(document, request.wording).lines(error), revision: seen)
        } catch let error as ProgramError {
            return try await again(try ProgramVersionPage.told(error, request), revision: seen)
        }
    }

    private static func answer(
        _ request: PageRequest, _ id: Int64, title: String, document: String, revision: String,
        problem: String? = nil, problems: [String] = []
    ) async throws -> Reply {
        let (world, currencies) = try await request.platform.store.read { connection in
            (try CriteriaWorld.load(connection), try PointsCurrencies.list(connection).map(\.currency))
        }
        let model = ProgramFormModel(
            action: "/program/versions/\(id)", title: title, document: document,
            offer: ProgramOffer.text(world, currencies, request), problem: problem, problems: problems,
            back: "/program/versions/\(id)", revision: revision)
        return .page(
            Page(
                "program/form", title: request.text("program.edit"),
                crumbs: [Crumb(request.text("program.title"), "/program"), Crumb(title, "/program/versions/\(id)")],
                model: model, status: problem == nil ? .ok : .unprocessableContent))
    }
}

/// What the editor may offer: kinds of rules and conditions with their parts, and all that the segment builder has.
enum ProgramOffer {
    private static let said = [
        "rules", "add_rule", "add_condition", "rule_name", "more", "currency", "from", "to", "group", "no_group",
        "priority", "paused", "pending", "expires", "days", "event", "points", "times", "cap", "caps", "add_cap",
        "period", "who", "enrolment", "backdated", "accepted", "shared", "groups", "add_group", "budget",
        "add_budget", "add_step",
    ]

    static func text(_ world: CriteriaWorld, _ currencies: [PointsCurrency], _ request: PageRequest) -> String {
        let language = CriteriaLanguage(request.wording.language)
        let rules = EarningRuleCatalog.all.map { SegmentOffer.kind($0.kind, $0.form, language) }
        let conditions = EarningConditionCatalog.all.map { SegmentOffer.kind($0.kind, $0.form, language) }
        func choices(_ values: [String], _ key: (String) -> String) -> JSONValue {
            .array(values.map { ["value": .string($0), "title": .string(key($0))] })
        }
        var words = Dictionary(
            uniqueKeysWithValues: said.map { ($0, JSONValue.string(request.text("program.edit_\($0)"))) })
        words["scopes"] = choices(EarningCap.Scope.allCases.map(\.rawValue)) { request.text("program.scope_\($0)") }
        words["periods"] = choices(EarningCap.Period.allCases.map(\.rawValue)) { request.text("program.period_\($0)") }
        words["takes"] = choices(EarningGroup.Take.allCases.map(\.rawValue)) {
            EarningGroup.Take(rawValue: $0)?.words(language) ?? $0
        }
        words["moments"] = choices(EnrolmentPolicy.Moment.allCases.map(\.rawValue)) {
            request.text("program.enrol_\($0)")
        }
        words["waits"] = choices(["", "days", "event"]) {
            request.text($0.isEmpty ? "program.waits_currency" : "program.waits_\($0)")
        }
        return SegmentOffer.text(
            world, segment: nil, request,
            more: [
                "rules": .array(rules), "conditions": .array(conditions), "program_words": .object(words),
                "currencies": .array(
                    currencies.map { ["value": .string($0.code), "title": .string($0.name(request.wording.language))] }),
            ])
    }
}
