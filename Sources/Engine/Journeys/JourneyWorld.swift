import Storage

/// What the workspace has, for checking journeys against it and for telling them in words.
package struct JourneyWorld: Sendable {
    package var criteria = CriteriaWorld()
    /// Names by language.
    package var currencies: [String: [String: String]] = [:]
    package var coupons: [Int64: String] = [:]
    package var webhooks: [Int64: String] = [:]
    /// Those that run or were decided.
    package var experiments: [Int64: Trial] = [:]
    /// Nil while there is nothing that sends messages.
    package var templates: [Int64: String]?

    package struct Trial: Sendable, Equatable {
        package var name: String
        /// Names of the variants by key.
        package var variants: [String: String]
    }

    package init() {}

    /// Whether people give and take it, not a rule.
    package func isManual(tag id: Int64) -> Bool { criteria.tags.isManual(id) }

    /// Throws: `StorageError`.
    package static func load(
        _ connection: any SQLConnection, _ messages: JourneyMessages = .none
    ) throws -> JourneyWorld {
        var world = JourneyWorld()
        world.criteria = try CriteriaWorld.load(connection)
        for stored in try PointsCurrencies.list(connection) {
            world.currencies[stored.currency.code] = stored.currency.names
        }
        for coupon in try CouponDefinitions.list(limit: CouponLimits.pageRows, connection)
        where coupon.status == .active {
            world.coupons[coupon.id] = coupon.name
        }
        for webhook in try Webhooks.list(connection) { world.webhooks[webhook.id] = webhook.url }
        for experiment in try Experiments.list(connection) where experiment.state != .draft {
            world.experiments[experiment.id] = Trial(
                name: experiment.definition.name,
                variants: Dictionary(experiment.definition.variants.map { ($0.key, $0.name) }) { first, _ in first })
        }
        world.templates = try messages.templates?(connection)
        return world
    }
}

/// The way to messages, which stand in a room of their own.
package struct JourneyMessages: Sendable {
    /// Plans a message for each of the effects, all of them `.message`, in the open transaction.
    package var plan: (@Sendable ([JourneyEffect], Timestamp, any SQLConnection) throws -> Void)?
    /// Names of templates that may be sent.
    package var templates: (@Sendable (any SQLConnection) throws -> [Int64: String])?

    package init(
        plan: (@Sendable ([JourneyEffect], Timestamp, any SQLConnection) throws -> Void)? = nil,
        templates: (@Sendable (any SQLConnection) throws -> [Int64: String])? = nil
    ) {
        self.plan = plan
        self.templates = templates
    }

    /// A journey with a message cannot be published.
    package static let none = JourneyMessages()
    /// Through the room of messages. A key of a visit stands for one message for ever.
    package static let current = JourneyMessages(
        plan: { effects, now, connection in
            let priorities = try Journeys.priorities(of: effects.map(\.journey), connection)
            let plans = try effects.compactMap { effect -> MessagePlan? in
                guard case .message(let template, let topic, let isTransactional, var choices) = effect.deed else {
                    return nil
                }
                choices.priority = priorities[effect.journey] ?? choices.priority
                return MessagePlan(
                    key: effect.key, profileID: effect.profile, templateID: template,
                    origin: .journey(
                        journey: effect.journey, run: effect.run, node: effect.node, visit: effect.visit),
                    isTransactional: isTransactional, topic: topic, values: try JSONValue(parsing: effect.values),
                    due: now, choices: choices)
            }
            _ = try Messages.plan(plans, at: now, connection)
        },
        templates: { connection in
            let sendable = try MessageTemplates.list(connection).filter { $0.version > 0 && !$0.isArchived }
            return Dictionary(sendable.map { ($0.id, $0.name) }) { first, _ in first }
        })
}

/// What journeys are told with.
package struct JourneyPhrases: Sendable {
    package var language: CriteriaLanguage
    package var criteria: CriteriaPhrases
    package var world: JourneyWorld
    package var labels: [String: String] = [:]

    package init(_ language: CriteriaLanguage, _ world: JourneyWorld) {
        self.language = language
        self.world = world
        criteria = CriteriaPhrases(language, world.criteria)
    }

    func segment(_ id: Int64) -> String { world.criteria.segments[id]?.name ?? String(id) }
    func tag(_ id: Int64) -> String { criteria.tags[id] ?? String(id) }

    func currency(_ code: String) -> String { world.currencies[code]?[language.rawValue] ?? code }

    func hour(_ hour: Int64) -> String { language("\(hour) 点", "\(hour):00") }

    func weekdays(_ days: [Int64]) -> String {
        days.map { criteria.weekday($0) }.joined(separator: language("、", ", "))
    }
}

extension JourneyTrigger {
    package func words(_ phrases: JourneyPhrases) -> String {
        let language = phrases.language
        let or = language("或", " or ")
        switch self {
        case .event(let filter):
            let words = filter.words(phrases.criteria)
            return language("当有人做了\(words)", "when somebody does \(words)")
        case .segment(let id, let entered):
            let name = phrases.segment(id)
            return entered
                ? language("当有人进入人群“\(name)”", "when somebody enters the segment “\(name)”")
                : language("当有人离开人群“\(name)”", "when somebody leaves the segment “\(name)”")
        case .stage(let to):
            let chinese = [
                "introduction": "引入期", "growth": "成长期", "maturity": "成熟期", "decline": "衰退期", "churn": "流失期",
            ]
            if to.isEmpty { return language("当生命周期阶段变化", "when the lifecycle stage changes") }
            let names = to.map { language(chinese[$0] ?? $0, $0) }.joined(separator: or)
            return language("当有人进入\(names)", "when somebody comes into \(names)")
        case .tier(let direction, let to):
            let ways = ["up": language("升级", "rises"), "down": language("降级", "falls")]
            let way = ways[direction] ?? language("变化", "changes")
            let names = to.map { phrases.world.criteria.tiers[$0]?[language.rawValue] ?? $0 }.joined(separator: or)
            let into = to.isEmpty ? "" : language("到\(names)", " to \(names)")
            return language("当等级\(way)\(into)", "when the tier \(way)\(into)")
        case .score(let model, let grades):
            let name = phrases.criteria.scores[model] ?? String(model)
            let letters = grades.map { $0.uppercased() }.joined(separator: or)
            let into = grades.isEmpty ? "" : language("到 \(letters)", " to \(letters)")
            return language("当评分“\(name)”的级别变化\(into)", "when the grade of “\(name)” changes\(into)")
        case .date(let trait, let offset, let hour, let isYearly):
            var day = language("当天", "on the day of")
            if offset < 0 { day = language("前 \(-offset) 天", "\(EnglishCount.text(-offset, "day")) before") }
            if offset > 0 { day = language("后 \(offset) 天", "\(EnglishCount.text(offset, "day")) after") }
            let yearly = isYearly ? language("每年", "every year ") : ""
            let at = phrases.hour(hour)
            return language("\(yearly)“\(trait)”\(day) \(at)", "\(yearly)\(day) “\(trait)”, at \(at)")
        case .schedule(let weekdays, let hour):
            let days = weekdays.isEmpty ? language("每天", "every day") : phrases.weekdays(weekdays)
            return language("\(days) \(phrases.hour(hour))", "\(days) at \(phrases.hour(hour))")
        case .reply(let channels, let words):
            let names = channels.joined(separator: or)
            let way = channels.isEmpty ? "" : language("在 \(names) ", " on \(names)")
            let with = words.map { "“\($0)”" }.joined(separator: or)
            let said = words.isEmpty ? "" : language("，含\(with)", " with \(with)")
            return language("当有人\(way)回复消息\(said)", "when somebody replies to a message\(way)\(said)")
        case .request: return language("由接口逐个送入", "by request through the API")
        }
    }
}
