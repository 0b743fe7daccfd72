import Engine
import Storage

/// Every event name and trait ever seen, and what broke a declaration.
struct CatalogueModel: PageModel {
    struct Event: Encodable, Sendable {
        var href: String
        var name: String
        var description: String
        var volume: String
        var seen: String
        var isDeclared: Bool
        var isBlocked: Bool
    }

    struct Violation: Encodable, Sendable {
        var place: String
        var rule: String
        var volume: String
        var seen: String
        var example: String
    }

    var events: [Event]
    var hasEvents: Bool
    var traits: [CatalogueField]
    var hasTraits: Bool
    var violations: [Violation]
    var hasViolations: Bool
    var mayManage: Bool
}

/// One event name with its properties.
struct CatalogueEventModel: PageModel {
    var name: String
    var description: String
    var example: String
    var figures: [FigureModel]
    var properties: [CatalogueField]
    var hasProperties: Bool
    var isBlocked: Bool
    var mayManage: Bool
}

/// One property or trait, and the form that declares it.
struct CatalogueField: Encodable, Sendable {
    var owner: String
    var name: String
    var types: [Choice]
    var seenType: String
    var classes: [Choice]
    var hasClass: Bool
    var isPersonal: Bool
    var isRequired: Bool
    var isBlocked: Bool
    var volume: String
    var seen: String
    var example: String

    init(_ field: CatalogueList.Field, _ request: PageRequest) {
        let wording = request.wording
        owner = field.owner
        name = field.name
        let declared = field.declaredType?.rawValue ?? ""
        types =
            [Choice("", wording.text("catalogue.undeclared"), chosen: declared)]
            + FieldType.allCases.map {
                Choice($0.rawValue, wording.text("catalogue.type_\($0.rawValue)"), chosen: declared)
            }
        seenType = wording.text("catalogue.type_\(field.seenType.rawValue)")
        classes = TraitClass.allCases.map {
            Choice($0.rawValue, wording.text("person.class_\($0.rawValue)"), chosen: field.traitClass?.rawValue ?? "")
        }
        hasClass = field.traitClass != nil
        isPersonal = field.isPersonal
        isRequired = field.isRequired
        isBlocked = field.isBlocked
        volume = wording.compact(field.volume)
        seen = wording.ago(Timestamp(milliseconds: field.lastSeenMS), now: request.now)
        example = field.example
    }
}

enum CataloguePage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let (events, traits, violations) = try await request.platform.store.read { connection in
            (
                try CatalogueList.events(connection), try CatalogueList.traits(connection),
                try CatalogueList.violations(connection)
            )
        }
        let wording = request.wording
        func ago(_ milliseconds: Int64) -> String {
            wording.ago(Timestamp(milliseconds: milliseconds), now: request.now)
        }
        let model = CatalogueModel(
            events: events.map { event in
                CatalogueModel.Event(
                    href: "/catalogue/event?name=" + Fields.encoded(event.name), name: event.name,
                    description: event.description, volume: wording.compact(event.volume),
                    seen: ago(event.lastSeenMS), isDeclared: event.isDeclared, isBlocked: event.isBlocked)
            },
            hasEvents: !events.isEmpty, traits: traits.map { CatalogueField($0, request) },
            hasTraits: !traits.isEmpty,
            violations: violations.prefix(50).map { violation in
                CatalogueModel.Violation(
                    place: "\(violation.owner.replacing("event:", with: "")) · \(violation.name)",
                    rule: wording.text("catalogue.rule_\(violation.rule.rawValue)"),
                    volume: wording.compact(violation.volume), seen: ago(violation.lastSeenMS),
                    example: violation.example)
            },
            hasViolations: !violations.isEmpty, mayManage: request.user.role.may(.manageCatalogue))
        return .page(Page("catalogue/page", title: request.text("catalogue.title"), model: model))
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
            name: event.name, description: event.description, example: event.example,
            figures: [
                FigureModel(wording.text("catalogue.volume"), wording.number(event.volume)),
                FigureModel(wording.text("catalogue.first_seen"), ago(event.firstSeenMS)),
                FigureModel(wording.text("catalogue.last_seen"), ago(event.lastSeenMS)),
                FigureModel(wording.text("catalogue.properties"), wording.number(fields.count)),
            ],
            properties: fields.map { CatalogueField($0, request) }, hasProperties: !fields.isEmpty,
            isBlocked: event.isBlocked, mayManage: request.user.role.may(.manageCatalogue))
        return .page(
            Page(
                "catalogue/event", title: event.name, crumbs: [Crumb(request.text("catalogue.title"), "/catalogue")],
                model: model))
    }

    static func declareEvent(_ request: PageRequest) async throws -> Reply {
        let form = request.form
        let name = form.text("name")
        let declaration = Declare.EventDeclaration(
            name: name, description: String(form.text("description").prefix(500)), isBlocked: form["blocked"] != nil)
        try await declare(request, subject: name) { try Declare.event(declaration, at: request.now, $0) }
        return .redirect(to: "/catalogue/event?name=" + Fields.encoded(name), notice: "frame.saved")
    }

    static func declareField(_ request: PageRequest) async throws -> Reply {
        let form = request.form
        let owner = form.text("owner")
        let declaration = Declare.FieldDeclaration(
            owner: owner, name: form.text("name"), type: FieldType(rawValue: form.text("type")),
            traitClass: TraitClass(rawValue: form.text("class")), isPersonal: form["personal"] != nil,
            isRequired: form["required"] != nil, isBlocked: form["blocked"] != nil)
        try await declare(request, subject: "\(owner) \(declaration.name)") {
            try Declare.field(declaration, at: request.now, $0)
        }
        let event = owner.hasPrefix("event:") ? String(owner.dropFirst(6)) : nil
        let back = event.map { "/catalogue/event?name=" + Fields.encoded($0) } ?? "/catalogue"
        return .redirect(to: back, notice: "frame.saved")
    }

    private static func declare(
        _ request: PageRequest, subject: String, _ body: @escaping @Sendable (any SQLConnection) throws -> Void
    ) async throws {
        let (actor, now) = (request.actor, request.now)
        do {
            try await request.platform.store.write { connection in
                try body(connection)
                try AuditLog.append(
                    actor: actor, action: "catalogue.declare", subject: String(subject.prefix(200)), detail: "",
                    connection, at: now)
            }
        } catch is CatalogueError {
            throw PageFailure.notFound
        }
    }
}
