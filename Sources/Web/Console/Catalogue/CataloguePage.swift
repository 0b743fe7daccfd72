import Engine
import Storage

/// Every event name and trait ever seen, and what broke a declaration.
struct CatalogueModel: PageModel {
    struct Violation: Encodable, Sendable {
        var place: String
        var href: String?
        var rule: String
        var volume: String
        var seen: String
        var example: String
        /// Whose event did it last.
        var evidence: String
    }

    var search: String
    var states: [Choice]
    var events: TableModel?
    var hasEvents: Bool
    var traits: TableModel?
    var violations: [Violation]
    var hasViolations: Bool
    var isEmpty: Bool
    var isNothingFound: Bool
    var mayManage: Bool
}

/// One event name with its properties.
struct CatalogueEventModel: PageModel {
    var name: String
    var description: String
    /// Nil when none was kept.
    var example: String?
    var figures: [FigureModel]
    var properties: TableModel?
    var hasProperties: Bool
    var isBlocked: Bool
    var revision: String
    var mayManage: Bool
    /// The owner word of a property of this event.
    var owner: String
    var live: String
}

/// The form that declares a property or trait, in the drawer.
struct CatalogueFieldModel: PageModel {
    var owner: String
    var name: String
    var title: String
    var types: [Choice]
    var classes: [Choice]
    var hasClass: Bool
    var personal: String?
    var required: String?
    var blocked: String?
    var description: String
    var example: String?
    var facts: String?
    /// Declared before it was ever seen: asks for its name.
    var isNew: Bool
    var revision: String
}

enum CataloguePage {
    private static let usual = ["name", "description", "volume", "seen", "state"]
    private static let violationsShown = 50

    static func show(_ request: PageRequest) async throws -> Reply {
        let user = request.user.id
        let (events, traits, violations, columns) = try await request.platform.store.read { connection in
            (
                try CatalogueList.events(connection), try CatalogueList.traits(connection),
                try CatalogueList.violations(connection),
                try ListColumns.load("catalogue", of: user, connection)
            )
        }
        let wording = request.wording
        let shown = filtered(events, request)
        let broken = violations.prefix(violationsShown).map { violation in
            let event = violation.owner.hasPrefix("event:") ? String(violation.owner.dropFirst(6)) : nil
            return CatalogueModel.Violation(
                place: [event ?? wording.text("person.traits"), violation.name].joined(separator: " · "),
                href: event.map { "/catalogue/event?name=" + Fields.encoded($0) },
                rule: wording.text("catalogue.rule_\(violation.rule.rawValue)"),
                volume: wording.compact(violation.volume),
                seen: wording.ago(Timestamp(milliseconds: violation.lastSeenMS), now: request.now),
                example: violation.example, evidence: "/live/events/\(violation.evidence)/person")
        }
        let model = CatalogueModel(
            search: request.query.text("q"),
            states: PeoplePage.choices(request, "state", "catalogue.any_state", ["declared", "undeclared", "blocked"]) {
                request.text("catalogue.\($0)")
            },
            events: shown.isEmpty ? nil : CatalogueTables.events(shown, columns, usual, request),
            hasEvents: !events.isEmpty,
            traits: traits.isEmpty
                ? nil : CatalogueTables.fields("traits", title: request.text("person.traits"), traits, request),
            violations: broken, hasViolations: !violations.isEmpty, isEmpty: events.isEmpty && traits.isEmpty,
            isNothingFound: shown.isEmpty && !events.isEmpty, mayManage: request.user.role.may(.manageCatalogue))
        return .page(Page("catalogue/page", title: request.text("catalogue.title"), model: model))
    }

    private static func filtered(_ events: [CatalogueList.Event], _ request: PageRequest) -> [CatalogueList.Event] {
        let search = request.query.text("q").lowercased()
        let found = events.filter { event in
            let isFound =
                search.isEmpty || event.name.lowercased().contains(search)
                || event.description.lowercased().contains(search)
            switch request.query.text("state") {
            case "declared": return isFound && event.isDeclared
            case "undeclared": return isFound && !event.isDeclared
            case "blocked": return isFound && event.isBlocked
            default: return isFound
            }
        }
        let isAscending = request.query["direction"] == "ascending"
        let sorted: [CatalogueList.Event] =
            switch request.query.text("sort") {
            case "name": found.sorted { $0.name < $1.name }
            case "seen": found.sorted { ($0.lastSeenMS, $0.name) < ($1.lastSeenMS, $1.name) }
            default: found.sorted { ($0.volume, $1.name) < ($1.volume, $0.name) }
            }
        return isAscending ? sorted : sorted.reversed()
    }

    static func event(_ request: PageRequest) async throws -> Reply {
        let name = request.query.text("name")
        let (events, fields) = try await request.platform.store.read { connection in
            (try CatalogueList.events(connection), try CatalogueList.properties(of: name, connection))
        }
        guard let event = events.first(where: { $0.name == name }) else { throw PageFailure.notFound }
        let wording = request.wording
        func ago(_ milliseconds: Int64) -> String {
            wording.ago(Timestamp(milliseconds: milliseconds), now: request.now)
        }
        let model = CatalogueEventModel(
            name: event.name, description: event.description,
            example: event.example.isEmpty ? nil : event.example,
            figures: [
                FigureModel(wording.text("catalogue.volume"), wording.number(event.volume)),
                FigureModel(wording.text("catalogue.first_seen"), ago(event.firstSeenMS)),
                FigureModel(wording.text("catalogue.last_seen"), ago(event.lastSeenMS)),
                FigureModel(wording.text("catalogue.properties"), wording.number(fields.count)),
            ],
            properties: fields.isEmpty
                ? nil
                : CatalogueTables.fields("properties", title: wording.text("catalogue.properties"), fields, request),
            hasProperties: !fields.isEmpty, isBlocked: event.isBlocked,
            revision: try Revision(of: CatalogueEditing.Standing(event)).text,
            mayManage: request.user.role.may(.manageCatalogue), owner: "event:" + Fields.encoded(event.name),
            live: "/live?name=" + Fields.encoded(event.name))
        return .page(
            Page(
                "catalogue/event", title: event.name, crumbs: [Crumb(request.text("catalogue.title"), "/catalogue")],
                model: model))
    }

    /// The form for one property or trait; for the drawer.
    static func field(_ request: PageRequest) async throws -> Reply {
        let (owner, name) = (request.query.text("owner"), request.query.text("name"))
        let event = owner.hasPrefix("event:") ? String(owner.dropFirst(6)) : nil
        guard event != nil || owner == "trait" else { throw PageFailure.notFound }
        let fields = try await request.platform.store.read { connection in
            try event.map { try CatalogueList.properties(of: $0, connection) } ?? CatalogueList.traits(connection)
        }
        let found = fields.first { $0.name == name }
        guard found != nil || name.isEmpty else { throw PageFailure.notFound }
        let wording = request.wording
        let declared = found?.declaredType?.rawValue ?? ""
        let model = CatalogueFieldModel(
            owner: owner, name: name,
            title: found?.name ?? wording.text(event == nil ? "catalogue.new_trait" : "catalogue.new_property"),
            types: [Choice("", wording.text("catalogue.undeclared"), chosen: declared)]
                + FieldType.allCases.map {
                    Choice($0.rawValue, wording.text("catalogue.type_\($0.rawValue)"), chosen: declared)
                },
            classes: TraitClass.allCases.map {
                Choice(
                    $0.rawValue, wording.text("person.class_\($0.rawValue)"), chosen: found?.traitClass?.rawValue ?? "")
            },
            hasClass: event == nil, personal: found?.isPersonal == true ? "checked" : nil,
            required: found?.isRequired == true ? "checked" : nil, blocked: found?.isBlocked == true ? "checked" : nil,
            description: found?.description ?? "", example: found.flatMap { $0.example.isEmpty ? nil : $0.example },
            facts: found.map { facts($0, request) }, isNew: found == nil,
            revision: try Revision(of: found.map { CatalogueEditing.Standing($0) }).text)
        return .panel(template: "catalogue/field", model: model)
    }

    private static func facts(_ field: CatalogueList.Field, _ request: PageRequest) -> String {
        let wording = request.wording
        return [
            wording.text("catalogue.type_\(field.seenType.rawValue)"), wording.number(field.volume) + "×",
            wording.ago(Timestamp(milliseconds: field.lastSeenMS), now: request.now),
        ].joined(separator: " · ")
    }

    static func declareSelected(_ request: PageRequest) async throws -> Reply {
        try await changeSelected(request) { $0.isBlocked }
    }

    static func blockSelected(_ request: PageRequest) async throws -> Reply {
        try await changeSelected(request) { _ in true }
    }

    /// Declares the selected event names as they are, blocked or not.
    private static func changeSelected(
        _ request: PageRequest, isBlocked: @escaping @Sendable (CatalogueList.Event) -> Bool
    ) async throws -> Reply {
        let (names, actor, now) = (Set(request.form.all("id")), request.actor, request.now)
        try await request.platform.store.write { connection in
            for event in try CatalogueList.events(connection) where names.contains(event.name) {
                try Declare.event(
                    Declare.EventDeclaration(
                        name: event.name, description: event.description, isBlocked: isBlocked(event)),
                    at: now, connection)
                try AuditLog.append(
                    actor: actor, action: "catalogue.declare", subject: event.name, detail: "", connection, at: now)
            }
        }
        return .redirect(to: "/catalogue", notice: "frame.saved")
    }
}
