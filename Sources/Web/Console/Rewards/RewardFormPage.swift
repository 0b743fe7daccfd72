import Engine
import Storage

/// A reward being written.
struct RewardFormModel: PageModel {
    var action: String
    var isNew: Bool
    var nameZH: String
    var nameEN: String
    var textZH: String
    var textEN: String
    var points: String
    var currencies: [Choice]
    var money: String
    var symbol: String
    var isShipped: String?
    var stock: String
    var memberMax: String
    var memberDays: String
    var tiers: String
    var from: String
    var until: String
    var problem: String?
    var back: String
    var revision: String
}

enum RewardFormPage {
    static func new(_ request: PageRequest) async throws -> Reply {
        try await answer(request, nil)
    }

    static func edit(_ request: PageRequest) async throws -> Reply {
        try await answer(request, try request.id("reward"))
    }

    static func create(_ request: PageRequest) async throws -> Reply {
        let (actor, effects, form) = (request.actor, request.platform.effects, request.form)
        return try await save(request, nil) { definition, connection in
            let stock = try RewardForm.number(form, "stock")
            return try Rewards.create(definition, stock: stock, by: actor, effects, connection).id
        }
    }

    static func update(_ request: PageRequest) async throws -> Reply {
        let (id, actor, now) = (try request.id("reward"), request.actor, request.now)
        let seen = request.form["revision"]
        return try await save(request, id) { definition, connection in
            let before = try Rewards.get(id, connection)
            try Revision.check(seen, against: before.definition)
            return try Rewards.update(
                id, definition, isOffered: before.isOffered, by: actor, at: now, connection
            ).id
        }
    }

    private static func save(
        _ request: PageRequest, _ id: Int64?,
        _ body: @escaping @Sendable (RewardDefinition, any SQLConnection) throws -> Int64
    ) async throws -> Reply {
        let (form, workspace) = (request.form, request.workspace)
        do {
            let saved = try await request.platform.store.write { connection in
                let currency = try PointsCurrencies.stored(form.text("currency"), connection)?.currency
                return try body(
                    try RewardForm.definition(form, scale: currency?.scale ?? 0, workspace), connection)
            }
            return .redirect(to: "/rewards/\(saved)", notice: "reward.saved")
        } catch RewardError.notFound {
            throw PageFailure.notFound
        } catch is EditConflict {
            return try await answer(request, id, problem: request.text("points.edited_meanwhile"))
        } catch let error as RewardError {
            return try await answer(request, id, problem: RewardWords([], request.wording).problem(error))
        } catch is PointsError {
            return try await answer(request, id, problem: request.text("reward.invalid_currency"))
        }
    }

    private static func answer(_ request: PageRequest, _ id: Int64?, problem: String? = nil) async throws -> Reply {
        let (reward, currencies) = try await RewardPage.found {
            try await request.platform.store.read { connection in
                (
                    try id.map { try Rewards.get($0, connection) },
                    try PointsCurrencies.list(connection).map(\.currency).filter(\.isSpendable)
                )
            }
        }
        let scale = currencies.first { $0.code == reward?.definition.currency }?.scale ?? 0
        let fields =
            problem != nil
            ? request.form
            : reward.map { RewardForm.fields($0.definition, scale: scale, request.workspace) } ?? Fields()
        let chosen = fields.text("currency")
        let model = RewardFormModel(
            action: id.map { "/rewards/\($0)" } ?? "/rewards", isNew: id == nil, nameZH: fields.text("name_zh"),
            nameEN: fields.text("name_en"), textZH: fields.text("text_zh"), textEN: fields.text("text_en"),
            points: fields.text("points"),
            currencies: currencies.map { Choice($0.code, $0.name(request.wording.language), chosen: chosen) },
            money: fields.text("money"), symbol: Wording.symbol(request.workspace.currency),
            isShipped: fields.text("fulfilment") == "shipped" ? "checked" : nil, stock: fields.text("stock"),
            memberMax: fields.text("member_max"), memberDays: fields.text("member_days"),
            tiers: fields.text("tiers"), from: fields.text("from"), until: fields.text("until"), problem: problem,
            back: id.map { "/rewards/\($0)" } ?? "/rewards", revision: try reward.map { try $0.revision.text } ?? "")
        var crumbs = [Crumb(request.text("reward.title"), "/rewards")]
        if let reward {
            crumbs.append(Crumb(reward.definition.name(request.wording.language), "/rewards/\(reward.id)"))
        }
        return .page(
            Page(
                "rewards/form", title: request.text(id == nil ? "reward.new" : "reward.edit"), crumbs: crumbs,
                model: model, status: problem == nil ? .ok : .unprocessableContent))
    }
}

/// What the form says, and how a definition looks in it.
enum RewardForm {
    static func fields(_ definition: RewardDefinition, scale: Int, _ workspace: Workspace) -> Fields {
        func day(_ moment: Timestamp?, before: Int64 = 0) -> String {
            moment.map { LocalCalendar.text(ofDay: workspace.calendar.day(of: $0) - before) } ?? ""
        }
        let pairs: [(String, String)] = [
            ("name_zh", definition.names["zh-Hans"] ?? ""), ("name_en", definition.names["en"] ?? ""),
            ("text_zh", definition.descriptions["zh-Hans"] ?? ""), ("text_en", definition.descriptions["en"] ?? ""),
            ("points", PointsWords.typed(definition.points, scale: scale)), ("currency", definition.currency),
            (
                "money",
                definition.money == 0
                    ? "" : PointsWords.typed(definition.money, scale: CurrencyScale.digits(workspace.currency))
            ), ("fulfilment", definition.fulfilment.rawValue),
            ("member_max", definition.memberMax.map { String($0) } ?? ""),
            ("member_days", definition.memberDays.map { String($0) } ?? ""),
            ("tiers", definition.tiers.joined(separator: ", ")), ("from", day(definition.from)),
            ("until", day(definition.until, before: 1)),
        ]
        return Fields(pairs.map { (name: $0.0, value: $0.1) })
    }

    /// Throws: `RewardError.invalid` for what is no number or day.
    static func definition(_ form: Fields, scale: Int, _ workspace: Workspace) throws -> RewardDefinition {
        func amount(_ name: String, scale: Int) throws -> Int64? {
            let typed = form.text(name).trimmingCharacters(in: .whitespaces)
            guard !typed.isEmpty else { return nil }
            guard let value = PointsWords.parse(typed, scale: scale) else { throw unreadable(name) }
            return value
        }
        func day(_ name: String, after: Int64 = 0) throws -> Timestamp? {
            guard !form.text(name).isEmpty else { return nil }
            guard let day = LocalCalendar.day(fromText: form.text(name)) else { throw unreadable(name) }
            return workspace.calendar.start(ofDay: day + after)
        }
        func texts(_ name: String) -> [String: String] {
            let pairs = [("zh-Hans", form.text("\(name)_zh")), ("en", form.text("\(name)_en"))]
            return Dictionary(
                pairs.map { ($0.0, $0.1.trimmingCharacters(in: .whitespacesAndNewlines)) }.filter { !$0.1.isEmpty },
                uniquingKeysWith: { first, _ in first })
        }
        return RewardDefinition(
            names: texts("name"), descriptions: texts("text"), currency: form.text("currency"),
            points: try amount("points", scale: scale) ?? 0,
            money: try amount("money", scale: CurrencyScale.digits(workspace.currency)) ?? 0,
            fulfilment: RewardDefinition.Fulfilment(rawValue: form.text("fulfilment")) ?? .issued,
            memberMax: try number(form, "member_max"), memberDays: try number(form, "member_days").map { Int($0) },
            tiers: form.text("tiers").split { $0 == "," || $0 == "，" || $0.isWhitespace }.map(String.init),
            from: try day("from"), until: try day("until", after: 1))
    }

    static func number(_ form: Fields, _ name: String) throws -> Int64? {
        let typed = form.text(name).trimmingCharacters(in: .whitespaces)
        guard !typed.isEmpty else { return nil }
        guard let value = Int64(typed), abs(value) <= RewardLimits.stockMax else { throw unreadable(name) }
        return value
    }

    private static func unreadable(_ field: String) -> RewardError {
        .invalid(field: field, reason: "cannot be read")
    }
}
