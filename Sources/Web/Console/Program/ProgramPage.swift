import Engine
import Storage

/// The program: what is in force, what is being prepared, what was in force before.
struct ProgramModel: PageModel {
    struct InForce: Encodable, Sendable {
        var href: String
        var title: String
        var status: String
        var since: String
        var enrolment: String
        var shared: [String]
        var rules: [ProgramWords.Rule]
        var hasRules: Bool
    }

    struct Row: Encodable, Sendable {
        var href: String
        var title: String
        var detail: String
        var status: String
        var tone: String?
    }

    var inForce: InForce?
    var open: [Row]
    var hasOpen: Bool
    var past: [Row]
    var hasPast: Bool
    var isEmpty: Bool
    var mayManage: Bool
}

enum ProgramPage {
    /// What a first draft begins with: a point for each unit spent, and more on birthdays.
    static let usual = """
        {"version":1,"enrolment":{"when":"identified"},
         "rules":[
          {"id":"base","kind":"order_amount","points":1,"per":1,"rounding":"down","pending":{"days":14}},
          {"id":"birthday","kind":"multiplier","times":2,"rules":["base"],"when":[{"kind":"birthday","within":"month"}]},
          {"id":"welcome","kind":"order_fixed","points":100,"when":[{"kind":"first_purchase"}],
           "caps":[{"per":"member","times":1}]}]}
        """

    static func show(_ request: PageRequest) async throws -> Reply {
        let (versions, world) = try await request.platform.store.read {
            (try ProgramVersions.list($0), try CriteriaWorld.load($0))
        }
        let words = ProgramWords(world, request)
        let published = versions.first { $0.status == .published }
        let open = versions.filter { [.draft, .review, .approved].contains($0.status) }
        let past = versions.filter { $0.status == .retired }
        let model = ProgramModel(
            inForce: published.map { version in
                let program = version.program ?? LoyaltyProgram()
                let rules = words.rules(program)
                return ProgramModel.InForce(
                    href: "/program/versions/\(version.id)", title: title(version, request),
                    status: request.text("program.status_published"),
                    since: request.text(
                        "program.since",
                        ["time": request.wording.dateTime(Timestamp(milliseconds: version.publishedMS ?? 0))]),
                    enrolment: words.enrolment(program), shared: words.shared(program), rules: rules,
                    hasRules: !rules.isEmpty)
            }, open: open.map { row($0, request) }, hasOpen: !open.isEmpty, past: past.map { row($0, request) },
            hasPast: !past.isEmpty, isEmpty: versions.isEmpty, mayManage: request.user.role.may(.manageLoyalty))
        return .page(Page("program/page", title: request.text("program.title"), model: model))
    }

    static func title(_ version: ProgramVersion, _ request: PageRequest) -> String {
        request.text("program.numbered", ["number": String(version.number), "title": version.title])
    }

    private static func row(_ version: ProgramVersion, _ request: PageRequest) -> ProgramModel.Row {
        let moment = Timestamp(milliseconds: version.retiredMS ?? version.updatedMS)
        return ProgramModel.Row(
            href: "/program/versions/\(version.id)", title: title(version, request),
            detail: request.wording.dateTime(moment), status: request.text("program.status_\(version.status.rawValue)"),
            tone: ProgramWords.tone(version.status))
    }

    /// Begins a draft as a copy of what is in force, else with the usual rules.
    static func begin(_ request: PageRequest) async throws -> Reply {
        let (effects, actor) = (request.platform.effects, request.actor)
        let title = request.text("program.new_title")
        do {
            let version = try await request.platform.store.write { connection in
                let published = try ProgramVersions.published(connection)
                if published == nil, try PointsCurrencies.list(connection).isEmpty {
                    _ = try PointsCurrencies.create(
                        PointsCurrency(code: "points", names: ["en": "Points", "zh-Hans": "积分"]), at: effects.now(),
                        connection)
                }
                let hasPoints = try PointsCurrencies.stored("points", connection) != nil
                let version = try ProgramVersions.create(
                    title: title, document: published?.document ?? (hasPoints ? usual : "{}"),
                    basedOn: published?.number, by: actor, effects: effects, connection)
                try AuditLog.append(
                    actor: actor, action: "program.create", subject: "program:\(version.id)", detail: title, connection,
                    at: effects.now())
                return version
            }
            return .redirect(to: "/program/versions/\(version.id)/edit")
        } catch ProgramError.tooMany {
            return .redirect(to: "/program", notice: "program.too_many")
        }
    }
}
