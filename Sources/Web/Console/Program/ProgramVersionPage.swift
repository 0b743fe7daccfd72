import Engine
import Storage

/// One version: what it says and changes, what was done to it, what can be done next.
struct ProgramVersionModel: PageModel {
    struct Step: Encodable, Sendable {
        var verb: String
        var title: String
        var text: String
        var isMain: Bool
    }

    struct Entry: Encodable, Sendable {
        var verb: String
        var actor: String
        var at: String
        var note: String?
    }

    var id: String
    var status: String
    var tone: String?
    var lead: String
    var enrolment: String
    var shared: [String]
    var rules: [ProgramWords.Rule]
    var hasRules: Bool
    var changesTitle: String
    var changes: [ProgramWords.Change]
    var hasChanges: Bool
    var history: [Entry]
    var steps: [Step]
    /// Why its approval does not hold any more, and what is to be done.
    var lapsed: String?
    var mayEdit: Bool
    var problem: String?
}

enum ProgramVersionPage {
    static func show(_ request: PageRequest) async throws -> Reply { try await answer(request) }

    static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let (id, now, actor) = (try request.id("version"), request.now, request.actor)
        let (version, before, steps, warnings, world, names, lapsed, allowsOwn, speech) = try await found {
            try await request.platform.store.read { connection in
                let version = try ProgramVersions.get(id, connection)
                let published = try ProgramVersions.published(connection)
                let based = try version.basedOn.flatMap { try ProgramVersions.numbered($0, connection) }
                let steps = try ProgramVersions.steps(of: id, connection)
                return (
                    version, published?.id == id ? based : published ?? based, steps,
                    try ProgramVersions.warnings(version.document, at: now, connection),
                    try CriteriaWorld.load(connection), try actors(steps.map(\.actor), connection),
                    try lapse(version, connection), try ApprovalPolicy.allowsOwn(actor, connection),
                    try TierSpeech.load(connection)
                )
            }
        }
        let words = ProgramWords(world, request)
        let program = version.program ?? LoyaltyProgram()
        let rules = words.rules(program, warnings: warnings)
        let changes = before.flatMap(\.program).map { words.changes(from: $0, to: program, speech) } ?? []
        let role = request.user.role
        let model = ProgramVersionModel(
            id: String(id), status: request.text("program.status_\(version.status.rawValue)"),
            tone: ProgramWords.tone(version.status),
            lead: request.text(
                "program.updated",
                ["time": request.wording.dateTime(Timestamp(milliseconds: version.updatedMS))]),
            enrolment: words.enrolment(program), shared: words.shared(program), rules: rules, hasRules: !rules.isEmpty,
            changesTitle: request.text("program.changes", ["number": String(before?.number ?? 0)]), changes: changes,
            hasChanges: !changes.isEmpty,
            history: steps.reversed().map { step in
                ProgramVersionModel.Entry(
                    verb: request.text("program.did_\(step.verb.rawValue)"), actor: names[step.actor] ?? step.actor,
                    at: request.wording.dateTime(step.at), note: step.note.isEmpty ? nil : step.note)
            }, steps: self.steps(version, isLapsed: lapsed != nil, allowsOwn: allowsOwn, request),
            lapsed: lapsed.map { request.text($0) }, mayEdit: version.status == .draft && role.may(.manageLoyalty),
            problem: problem)
        return .page(
            Page(
                "program/one", title: ProgramPage.title(version, request),
                crumbs: [Crumb(request.text("program.title"), "/program")], model: model,
                status: problem == nil ? .ok : .conflict))
    }

    /// Why its approval does not hold any more; nil while it does, and of what is not approved.
    private static func lapse(_ version: ProgramVersion, _ connection: any SQLConnection) throws -> String? {
        guard version.status == .approved else { return nil }
        do {
            _ = try ProgramTrials.approved(version, connection)
            return nil
        } catch let error as ProgramError {
            do {
                _ = try ProgramTrials.valid(version, connection)
                return "program.approval_anew"
            } catch is ProgramError {
                return error == .trialLapsed ? "program.approval_lapsed" : "program.approval_outdated"
            }
        }
    }

    /// Names of users who did something.
    private static func actors(_ actors: [String], _ connection: any SQLConnection) throws -> [String: String] {
        var names: [String: String] = [:]
        for actor in Set(actors) where actor.hasPrefix("user:") {
            guard let id = Int64(actor.dropFirst(5)), let user = try Users.find(id: id, connection) else { continue }
            names[actor] = user.name
        }
        return names
    }

    private static func steps(
        _ version: ProgramVersion, isLapsed: Bool, allowsOwn: Bool, _ request: PageRequest
    ) -> [ProgramVersionModel.Step] {
        let role = request.user.role
        let isOwn = [version.submittedBy, version.editedBy].contains(request.actor) && !allowsOwn
        var verbs: [(ProgramStep.Verb, Bool)] = []
        switch version.status {
        case .draft where role.may(.manageLoyalty): verbs = [(.submit, true)]
        case .review:
            if role.may(.approveLoyalty), !isOwn { verbs = [(.approve, true)] }
            if role.may(.approveLoyalty) || role.may(.manageLoyalty) { verbs.append((.reject, false)) }
        case .approved where role.may(.approveLoyalty):
            verbs = isLapsed ? (isOwn ? [] : [(.approve, true)]) : [(.publish, true)]
            verbs.append((.reject, false))
        case .published where role.may(.approveLoyalty): verbs = [(.retire, false)]
        default: break
        }
        return verbs.map { verb, isMain in
            ProgramVersionModel.Step(
                verb: verb.rawValue, title: request.text("program.do_\(verb.rawValue)"),
                text: request.text("program.do_\(verb.rawValue)_text"), isMain: isMain)
        }
    }

    /// Takes a version one step on.
    static func step(_ request: PageRequest) async throws -> Reply {
        let (id, effects, actor) = (try request.id("version"), request.platform.effects, request.actor)
        let note = request.form.text("note")
        guard let verb = ProgramStep.Verb(rawValue: request.form.text("verb")) else { throw PageFailure.notFound }
        let needed: Permission = verb == .submit || verb == .reject ? .manageLoyalty : .approveLoyalty
        guard request.user.role.may(needed) else { throw PageFailure.forbidden }
        do {
            try await request.platform.store.write { connection in
                let version = try ProgramVersions.perform(
                    verb, id, by: actor, note: note, at: effects.now(), connection)
                try AuditLog.append(
                    actor: actor, action: "program.\(verb.rawValue)", subject: "program:\(id)", detail: version.title,
                    connection, at: effects.now())
            }
        } catch let error as ProgramError {
            return try await answer(request, problem: try told(error, request))
        }
        return .redirect(to: "/program/versions/\(id)", notice: "program.done_\(verb.rawValue)")
    }

    static func delete(_ request: PageRequest) async throws -> Reply {
        let (id, effects, actor) = (try request.id("version"), request.platform.effects, request.actor)
        do {
            try await request.platform.store.write { connection in
                let version = try ProgramVersions.get(id, connection)
                try ProgramVersions.delete(id, connection)
                try AuditLog.append(
                    actor: actor, action: "program.delete", subject: "program:\(id)", detail: version.title, connection,
                    at: effects.now())
            }
        } catch let error as ProgramError {
            return try await answer(request, problem: try told(error, request))
        }
        return .redirect(to: "/program", notice: "program.deleted")
    }

    /// Throws: `PageFailure.notFound` for a version that is none.
    static func told(_ error: ProgramError, _ request: PageRequest) throws -> String {
        switch error {
        case .notFound: throw PageFailure.notFound
        case .sameActor: return request.text("program.same_actor")
        case .trialMissing: return request.text("program.trial_missing")
        case .trialLapsed: return request.text("program.trial_lapsed")
        case .status(let status, _):
            return request.text(
                "program.wrong_status", ["status": request.text("program.status_\(status.rawValue)")])
        case .titleMissing, .titleTooLong, .noteTooLong: return request.text("program.too_long")
        case .tooMany: return request.text("program.too_many")
        case .invalid: return request.text("program.invalid")
        }
    }

    static func found<T>(_ body: () async throws -> T) async throws -> T {
        do { return try await body() } catch ProgramError.notFound { throw PageFailure.notFound }
    }
}
