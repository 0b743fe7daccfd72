import Engine
import Storage

/// Declaring events, properties and traits from the console.
enum CatalogueEditing {
    /// What a declaration was made against: what is declared, not what was seen meanwhile.
    struct Standing: Encodable, Sendable {
        var type: String?
        var traitClass: String?
        var isPersonal = false
        var isRequired = false
        var isBlocked: Bool
        var description: String

        init(_ event: CatalogueList.Event) {
            isBlocked = event.isBlocked
            description = event.description
        }

        init(_ field: CatalogueList.Field) {
            type = field.declaredType?.rawValue
            traitClass = field.traitClass?.rawValue
            isPersonal = field.isPersonal
            isRequired = field.isRequired
            isBlocked = field.isBlocked
            description = field.description
        }
    }

    /// Of what is declared of an event name; nil when it was never seen nor declared.
    static func revision(ofEvent name: String, _ connection: any SQLConnection) throws -> Revision? {
        try CatalogueList.events(connection).first { $0.name == name }.map { try Revision(of: Standing($0)) }
    }

    /// Of what is declared of a property or trait; nil when it was never seen nor declared.
    static func revision(of owner: String, _ name: String, _ connection: any SQLConnection) throws -> Revision? {
        try field(owner, name, connection).map { try Revision(of: Standing($0)) }
    }

    static func declareEvent(_ request: PageRequest) async throws -> Reply {
        let (form, now) = (request.form, request.now)
        let name = form.text("name")
        let declaration = Declare.EventDeclaration(
            name: name, description: String(form.text("description").prefix(500)), isBlocked: form["blocked"] != nil)
        let back = "/catalogue/event?name=" + Fields.encoded(name)
        do {
            try await declare(request, subject: name) { connection in
                try Revision.check(form["revision"], against: Standing(try event(name, connection)))
                try Declare.event(declaration, at: now, connection)
            }
        } catch let conflict as EditConflict {
            let saved = Standing(try await request.platform.store.read { try event(name, $0) })
            return EditConflictPage.answer(
                request, conflict,
                rows: [
                    (request.text("catalogue.name"), name, name),
                    (request.text("catalogue.description"), declaration.description, saved.description),
                    (
                        request.text("catalogue.block"), EditConflictPage.yesOrNo(declaration.isBlocked, request),
                        EditConflictPage.yesOrNo(saved.isBlocked, request)
                    ),
                ], back: back)
        }
        return .redirect(to: back, notice: "frame.saved")
    }

    static func declareField(_ request: PageRequest) async throws -> Reply {
        let (form, now) = (request.form, request.now)
        let (owner, name) = (form.text("owner"), form.text("name"))
        let declaration = Declare.FieldDeclaration(
            owner: owner, name: name, type: FieldType(rawValue: form.text("type")),
            traitClass: TraitClass(rawValue: form.text("class")), isPersonal: form["personal"] != nil,
            isRequired: form["required"] != nil, isBlocked: form["blocked"] != nil,
            description: String(form.text("description").prefix(500)))
        let back =
            owner.hasPrefix("event:")
            ? "/catalogue/event?name=" + Fields.encoded(String(owner.dropFirst(6)))
            : "/catalogue"
        do {
            try await declare(request, subject: "\(owner) \(name)") { connection in
                let current = try field(owner, name, connection).map { Standing($0) }
                try Revision.check(form["revision"], against: current)
                try Declare.field(declaration, at: now, connection)
            }
        } catch let conflict as EditConflict {
            let saved = try await request.platform.store.read { try field(owner, name, $0).map { Standing($0) } }
            return EditConflictPage.answer(
                request, conflict, rows: rows(declaration, saved, request), back: back)
        }
        return .redirect(to: back, notice: "frame.saved")
    }

    private static func rows(
        _ mine: Declare.FieldDeclaration, _ saved: Standing?, _ request: PageRequest
    ) -> [(name: String, mine: String, theirs: String)] {
        func type(_ word: String?) -> String {
            request.text(word.map { "catalogue.type_\($0)" } ?? "catalogue.undeclared")
        }
        func flag(_ key: String, _ mine: Bool, _ theirs: Bool) -> (name: String, mine: String, theirs: String) {
            (
                request.text(key), EditConflictPage.yesOrNo(mine, request), EditConflictPage.yesOrNo(theirs, request)
            )
        }
        func group(_ word: String?) -> String { word.map { request.text("person.class_\($0)") } ?? "" }
        return [
            (request.text("catalogue.name"), mine.name, mine.name),
            (request.text("catalogue.type"), type(mine.type?.rawValue), type(saved?.type)),
            (request.text("catalogue.class"), group(mine.traitClass?.rawValue), group(saved?.traitClass)),
            (request.text("catalogue.description"), mine.description, saved?.description ?? ""),
            flag("catalogue.personal", mine.isPersonal, saved?.isPersonal ?? false),
            flag("catalogue.required", mine.isRequired, saved?.isRequired ?? false),
            flag("catalogue.block", mine.isBlocked, saved?.isBlocked ?? false),
        ]
    }

    private static func event(_ name: String, _ connection: any SQLConnection) throws -> CatalogueList.Event {
        guard let event = try CatalogueList.events(connection).first(where: { $0.name == name }) else {
            throw PageFailure.notFound
        }
        return event
    }

    private static func field(
        _ owner: String, _ name: String, _ connection: any SQLConnection
    ) throws -> CatalogueList.Field? {
        let fields =
            owner.hasPrefix("event:")
            ? try CatalogueList.properties(of: String(owner.dropFirst(6)), connection)
            : try CatalogueList.traits(connection)
        return fields.first { $0.owner == owner && $0.name == name }
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
