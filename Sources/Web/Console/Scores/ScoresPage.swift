import Engine
import Science
import Storage

/// All models.
struct ScoresModel: PageModel {
    struct Row: Encodable, Sendable {
        var href: String
        var name: String
        var description: String
        var rules: String
        var people: String
        var isBuilding: Bool
        var updated: String
    }

    var rows: [Row]
    var isEmpty: Bool
    /// Whether the list looks again by itself: some of it is being filled.
    var isFilling: Bool
    var mayManage: Bool
}

/// One model: what it says, how people spread over it, whether high scores buy.
struct ScorePageModel: PageModel {
    struct Rule: Encodable, Sendable {
        var title: String
        var detail: String
        var points: String
        var isNegative: Bool
    }

    struct Person: Encodable, Sendable {
        var href: String
        var name: String
        var initial: String
        var total: String
        var grade: String
    }

    struct Use: Encodable, Sendable {
        var href: String
        var name: String
    }

    var id: String
    var description: String?
    var isBuilding: Bool
    /// Whether this is the look at which all were there: what is counted is then told anew.
    var isFilled = false
    var figures: [FigureModel]
    var rules: [Rule]
    var decay: String
    var thresholds: [String]
    var hasThresholds: Bool
    var spread: ChartModel?
    var grades: ChartModel?
    var people: [Person]
    var hasPeople: Bool
    var uses: [Use]
    var hasUses: Bool
    var mayManage: Bool
    var problem: String?
}

/// Deciles and what became of them.
struct ScoreEffectModel: PageModel {
    struct Row: Encodable, Sendable {
        var part: String
        var people: String
        var score: String
        var rate: String
        var lift: String
    }

    var lead: String
    var verdict: String
    var chart: ChartModel?
    var rows: [Row]
    var hasRows: Bool
    var leftOut: String?
}

enum ScoresPage {
    private static let peopleRows = 20

    static func show(_ request: PageRequest) async throws -> Reply {
        let models = try await request.platform.store.read { try ScoreModels.list($0) }
        let model = ScoresModel(
            rows: models.map { model in
                ScoresModel.Row(
                    href: "/scores/\(model.id)", name: model.name, description: model.description,
                    rules: request.wording.number(Int64(model.rules?.rules.count ?? 0)),
                    people: request.wording.number(model.size), isBuilding: model.isBuilding,
                    updated: request.wording.shortDate(Timestamp(milliseconds: model.updatedMS), now: request.now))
            }, isEmpty: models.isEmpty, isFilling: models.contains(where: \.isBuilding),
            mayManage: request.user.role.may(.manageSegments))
        return .page(Page("scores/page", title: request.text("score.title"), model: model))
    }

    static func one(_ request: PageRequest) async throws -> Reply { try await answer(request) }

    static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        var (name, model) = try await load(request)
        model.problem = problem
        return .page(
            Page(
                "scores/one", title: name, crumbs: [Crumb(request.text("score.title"), "/scores")],
                model: model, status: problem == nil ? .ok : .conflict, hasCharts: true))
    }

    /// The figures alone, for a page that waits for people to be weighed; with them what hangs on them, once all are.
    static func standing(_ request: PageRequest) async throws -> Reply {
        var model = try await load(request).model
        model.isFilled = !model.isBuilding
        return .panel(template: "scores/standing", model: model)
    }

    private static func load(_ request: PageRequest) async throws -> (name: String, model: ScorePageModel) {
        let id = try request.id("score")
        let (model, spread, uses, world, top) = try await found {
            try await request.platform.store.read { connection in
                let top = try ScoreRows.people(id, limit: peopleRows, connection)
                return (
                    try ScoreModels.get(id, connection), try ScoreDistribution.load(id, connection),
                    try ScoreModels.usedBy(id, connection), try CriteriaWorld.load(connection),
                    (top, try PeopleByID.load(top.map(\.profileID), connection))
                )
            }
        }
        let phrases = CriteriaPhrases(CriteriaLanguage(request.wording.language), world)
        return (model.name, page(model, spread, uses, phrases, top, request))
    }

    private static func page(
        _ model: ScoreModel, _ spread: ScoreDistribution, _ uses: [SegmentUse], _ phrases: CriteriaPhrases,
        _ top: ([(profileID: Int64, score: ProfileScore)], [Profile]), _ request: PageRequest
    ) -> ScorePageModel {
        let (wording, rules) = (request.wording, model.rules)
        let names = Dictionary(top.1.map { ($0.id, PersonName($0, wording)) }) { first, _ in first }
        let steps = ChartModel(
            .bar, title: request.text("score.spread"), axis: request.text("score.points"), unit: .count,
            categories: spread.steps.map { String($0.from) },
            series: [
                ChartModel.Series(
                    name: request.text("score.people"), values: spread.steps.map { Double($0.people) })
            ])
        let half = rules?.halfLifeDays ?? 0
        let mayManage = request.user.role.may(.manageSegments)
        return ScorePageModel(
            id: String(model.id), description: model.description.isEmpty ? nil : model.description,
            isBuilding: model.isBuilding,
            figures: [FigureModel(request.text("score.people"), wording.number(model.size))]
                + spread.grades.map { grade in
                    FigureModel(
                        request.text("score.grade", ["grade": grade.grade.rawValue]), wording.number(grade.people),
                        href: mayManage
                            ? SegmentBuilderPage.href(of: [
                                "kind": "score_grade", "model": .string(String(model.id)),
                                "values": [.string(grade.grade.rawValue)],
                            ]) : nil)
                },
            rules: (rules?.rules ?? []).map { ScoreWords.rule($0, phrases, request) },
            decay: half > 0 ? request.text("score.fades", count: half) : request.text("score.stays"),
            thresholds: (rules?.thresholds ?? []).map {
                request.text("score.threshold_line", ["name": $0.name, "at": ScoreWords.points($0.at)])
            }, hasThresholds: rules?.thresholds.isEmpty == false, spread: steps.isEmpty ? nil : steps, grades: nil,
            people: top.0.compactMap { entry in
                names[entry.profileID].map { name in
                    ScorePageModel.Person(
                        href: "/people/\(entry.profileID)#scores", name: name.text, initial: name.initial,
                        total: ScoreWords.points(entry.score.total), grade: entry.score.grade.rawValue)
                }
            }, hasPeople: !top.0.isEmpty,
            uses: uses.map {
                ScorePageModel.Use(href: SegmentPage.href(of: $0), name: $0.name)
            }, hasUses: !uses.isEmpty, mayManage: mayManage, problem: nil)
    }

    /// Do high scores buy?
    static func effect(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("score")
        let effect = try await found { try await ScoreEffect.measure(id, request.platform) }
        let wording = request.wording
        let lift = effect.lift
        let chart = ChartModel(
            .bar, title: request.text("score.effect"), axis: request.text("score.decile"), unit: .percent,
            categories: lift.parts.map { String($0.number) },
            series: [ChartModel.Series(name: request.text("score.bought"), values: lift.parts.map(\.rate))])
        let model = ScoreEffectModel(
            lead: request.text(
                "score.effect_lead",
                [
                    "day": LocalCalendar.text(ofDay: effect.day), "days": String(effect.daysAfter),
                    "people": wording.number(Int64(lift.people)), "bought": wording.number(Int64(lift.acted)),
                    "rate": wording.percent(lift.rate),
                ]),
            verdict: verdict(lift, request), chart: lift.acted > 0 ? chart : nil,
            rows: lift.acted == 0
                ? []
                : lift.parts.map { part in
                    ScoreEffectModel.Row(
                        part: String(part.number), people: wording.number(Int64(part.people.rounded())),
                        score: ScoreWords.points(Int64((part.meanScore * 1000).rounded())),
                        rate: wording.percent(part.rate),
                        lift: ScoreWords.points(Int64((part.lift * 1000).rounded())) + "×")
                }, hasRows: lift.acted > 0,
            leftOut: effect.leftOut.isEmpty
                ? nil : request.text("score.left_out", ["rules": effect.leftOut.joined(separator: ", ")]))
        return .panel(template: "scores/effect", model: model)
    }

    /// 0.5 is a coin; 0.7 and more is commonly called acceptable (Hosmer, Lemeshow: Applied Logistic Regression, 5.2.4).
    private static func verdict(_ lift: DecileLift, _ request: PageRequest) -> String {
        guard let auc = lift.auc, let top = lift.parts.first else { return request.text("score.effect_none") }
        let words = [
            "auc": ScoreWords.points(Int64((auc * 1000).rounded())),
            "lift": ScoreWords.points(Int64((top.lift * 1000).rounded())),
        ]
        return request.text(
            auc >= 0.7 ? "score.effect_good" : auc >= 0.55 ? "score.effect_fair" : "score.effect_poor", words)
    }

    static func delete(_ request: PageRequest) async throws -> Reply {
        let (id, effects, actor, now) = (
            try request.id("score"), request.platform.effects, request.actor, request.now
        )
        do {
            try await request.platform.store.write { connection in
                let model = try ScoreModels.get(id, connection)
                try ScoreModels.delete(id, effects: effects, connection)
                try AuditLog.append(
                    actor: actor, action: "score.delete", subject: "score:\(id)", detail: model.name, connection,
                    at: now)
            }
        } catch ScoreError.usedBy(let uses) {
            return try await answer(request, problem: SegmentPage.inUse(uses, request))
        } catch ScoreError.notFound {
            throw PageFailure.notFound
        }
        return .redirect(to: "/scores", notice: "score.deleted")
    }

    static func found<T>(_ body: () async throws -> T) async throws -> T {
        do { return try await body() } catch ScoreError.notFound { throw PageFailure.notFound }
    }
}

/// Points and rules in words.
enum ScoreWords {
    /// Thousandths with at most two decimals: `12.5`.
    static func points(_ thousandths: Int64) -> String {
        let hundredths = (thousandths.magnitude + 5) / 10
        var text = String(hundredths / 100)
        let rest = hundredths % 100
        if rest > 0 { text += rest % 10 == 0 ? ".\(rest / 10)" : rest < 10 ? ".0\(rest)" : ".\(rest)" }
        return (thousandths < 0 && hundredths > 0 ? "−" : "") + text
    }

    static func rule(_ rule: ScoreRule, _ phrases: CriteriaPhrases, _ request: PageRequest) -> ScorePageModel.Rule {
        var details = [request.text("score.dimension_\(rule.dimension.rawValue)")]
        if !rule.name.isEmpty { details.append(rule.kind.words(phrases)) }
        if !rule.group.isEmpty { details.append(request.text("score.in_group", ["group": rule.group])) }
        if rule.capPerDay > 0 { details.append(request.text("score.cap_line", ["points": points(rule.capPerDay)])) }
        return ScorePageModel.Rule(
            title: rule.title(phrases), detail: details.joined(separator: " · "),
            points: (rule.points > 0 ? "+" : "") + points(rule.points), isNegative: rule.points < 0)
    }
}
