import Engine
import Storage

/// What the rules as they stand in the form would give a chosen person for a made-up order or event.
struct ProgramExampleModel: PageModel {
    var problem: String?
    var problems: [String] = []
    var warnings: [String] = []
    var total: String?
    var who: String?
    var steps: [ProgramWords.Step] = []
}

enum ProgramExample {
    static func show(_ request: PageRequest) async throws -> Reply {
        let (form, now) = (request.form, request.now)
        let language = CriteriaLanguage(request.wording.language)
        let program: LoyaltyProgram
        do {
            program = try LoyaltyProgram(parsing: form.text("definition"))
        } catch {
            return .panel(
                template: "program/example",
                model: ProgramExampleModel(
                    problem: request.text("program.invalid"),
                    problems: Array(FormPlace(form.text("definition"), request.wording).lines(error).prefix(5))))
        }
        let (subject, sought, text) = (subject(form), form.text("person"), program.text)
        let (profile, answer, world, warnings) = try await request.platform.store.read { connection in
            let profile = try sought.isEmpty ? nil : person(sought, connection)
            let question = ProgramDryRun.Question(
                subject, profileID: profile?.profile.id, program: program, at: now)
            return (
                profile, try ProgramDryRun.run(question, connection), try CriteriaWorld.load(connection),
                try ProgramVersions.warnings(text, at: now, connection)
            )
        }
        let words = ProgramWords(world, request)
        let points = answer.points.filter { $0.value != 0 }.sorted { $0.key < $1.key }
            .map { "\(request.wording.number($0.value)) \($0.key)" }
        var model = ProgramExampleModel(
            warnings: warnings.map { "\($0.rule): \($0.text(language))" },
            total: points.isEmpty ? "0" : points.joined(separator: " · "),
            steps: words.steps(answer.outcome.waterfall, answer.rules))
        if let profile {
            let name = profile.profile.displayName ?? String(profile.profile.id)
            model.who = request.text(
                answer.account == nil ? "program.example_stranger" : "program.example_member", ["name": name])
        } else {
            model.who = request.text(sought.isEmpty ? "program.example_nobody" : "program.example_unknown")
        }
        return .panel(template: "program/example", model: model)
    }

    private static func subject(_ form: Fields) -> ProgramDryRun.Question.Subject {
        let event = form.text("event")
        if !event.isEmpty { return .event(name: event, properties: "{}") }
        let pieces = max(Int64(form.text("pieces")) ?? 1, 1)
        let amount = JSONValue.string(form.text("amount"))
        var line: [String: JSONValue] = ["sku": "EXAMPLE", "quantity": .integer(pieces), "amount": amount]
        line["category"] = .string(form.text("category"))
        let order: JSONValue = [
            "revenue": amount, "store": .string(form.text("store")), "products": [.object(line)],
        ]
        return .order(order.text())
    }

    /// By id, by member number, or by an identity.
    private static func person(_ text: String, _ connection: any SQLConnection) throws -> ProfileDetail? {
        do {
            if let member = try PointsAccounts.numbered(text, connection) {
                return try ProfileDetail.load(member.profileID, connection)
            }
            if let id = Int64(text) { return try ProfileDetail.load(id, connection) }
            let found = try ProgramMembers.profile(named: text, connection)
            return try found.map { try ProfileDetail.load($0, connection) }
        } catch ProfileError.notFound { return nil }
    }
}
