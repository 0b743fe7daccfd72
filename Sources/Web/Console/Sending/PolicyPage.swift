import Engine
import Storage

/// The rules under which people are written to.
struct PolicyModel: PageModel {
    struct Flag: Encodable, Sendable {
        var value: String
        var title: String
        var hint: String?
        var checked: String?
    }

    /// At most so many in so many days, on a channel or on all.
    struct Cap: Encodable, Sendable {
        var index: String
        var channels: [Choice]
        var days: String
        var most: String
    }

    struct Topic: Encodable, Sendable {
        var index: String
        var code: String
        var chinese: String
        var english: String
    }

    var consent: Flag
    var tracking: [Flag]
    var quietFrom: String
    var quietTo: String
    var quietChoices: [Flag]
    var expiryDays: String
    var approvalAbove: String
    var confirmation: Flag
    var letters: [Choice]
    var confirmationDays: String
    var stopWords: String
    var usualHour: String
    var caps: [Cap]
    var topics: [Topic]
    var problem: String?
}

enum PolicyPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        try await answer(request, fields(try await request.platform.store.read { try MessagePolicy.load($0) }))
    }

    static func save(_ request: PageRequest) async throws -> Reply {
        let (form, actor, effects) = (request.form, request.actor, request.platform.effects)
        do {
            let policy = try policy(form)
            _ = try await request.platform.store.write { try policy.save(by: actor, effects, $0) }
            return .redirect(to: "/sending/policy", notice: "frame.saved")
        } catch MessageError.badPolicy(let field) {
            return try await answer(request, form, problem: request.text("sending.problem_\(field)"))
        }
    }

    /// What the form does not speak of at all is as it comes.
    /// Throws: `MessageError.badPolicy` naming what is no number.
    private static func policy(_ form: Fields) throws -> MessagePolicy {
        var policy = MessagePolicy()
        policy.needsConsent = form["needs_consent"] == "1"
        policy.tracksOpens = form["tracks_opens"] == "1"
        policy.tracksClicks = form["tracks_clicks"] == "1"
        policy.trackingNeedsConsent = form["tracking_needs_consent"] == "1"
        policy.addsUTM = form["adds_utm"] == "1"
        policy.quietDrops = form["quiet_drops"] == "1"
        policy.quietFrom = Int(form.int("quiet_from") ?? -1)
        policy.quietTo = Int(form.int("quiet_to") ?? -1)
        policy.expiryDays = Int(form.int("expiry_days") ?? 0)
        policy.doubleOptIn = form["double_opt_in"] == "1"
        policy.confirmationTemplate = form.int("confirmation_template") ?? 0
        if form["confirmation_days"] != nil { policy.confirmationDays = Int(form.int("confirmation_days") ?? 0) }
        if form["usual_hour"] != nil { policy.usualHour = Int(form.int("usual_hour") ?? -1) }
        if let words = form["stop_words"] {
            policy.stopWords = words.split(whereSeparator: \.isNewline)
                .map { $0.split(separator: " ").joined(separator: " ") }.filter { !$0.isEmpty }
        }
        policy.approvalAbove = form.text("approval_above").isEmpty ? 0 : form.int("approval_above") ?? -1
        policy.caps = try (0..<MessagePolicy.capsMax).compactMap { index -> MessagePolicy.Cap? in
            let (typedDays, typedMost) = (form.text("cap\(index)_days"), form.text("cap\(index)_most"))
            if typedDays.isEmpty, typedMost.isEmpty { return nil }
            guard let days = Int(typedDays), let most = Int64(typedMost) else {
                throw MessageError.badPolicy(field: "caps")
            }
            return MessagePolicy.Cap(channel: form.text("cap\(index)_channel"), days: days, most: most)
        }
        policy.topics = try (0..<MessagePolicy.topicsMax).compactMap { index -> MessagePolicy.Topic? in
            let words = ["code", "zh", "en"].map { form.text("topic\(index)_\($0)") }
            if words.allSatisfy(\.isEmpty) { return nil }
            guard words.allSatisfy({ !$0.isEmpty }) else { throw MessageError.badPolicy(field: "topics") }
            return MessagePolicy.Topic(code: words[0], names: ["zh-Hans": words[1], "en": words[2]])
        }
        return policy
    }

    /// A policy as the form says it.
    private static func fields(_ policy: MessagePolicy) -> Fields {
        var pairs: [(name: String, value: String)] = [
            ("needs_consent", policy.needsConsent ? "1" : ""), ("tracks_opens", policy.tracksOpens ? "1" : ""),
            ("tracks_clicks", policy.tracksClicks ? "1" : ""),
            ("tracking_needs_consent", policy.trackingNeedsConsent ? "1" : ""),
            ("adds_utm", policy.addsUTM ? "1" : ""), ("quiet_drops", policy.quietDrops ? "1" : "0"),
            ("quiet_from", String(policy.quietFrom)), ("quiet_to", String(policy.quietTo)),
            ("expiry_days", String(policy.expiryDays)),
            ("double_opt_in", policy.doubleOptIn ? "1" : ""),
            (
                "confirmation_template",
                policy.confirmationTemplate == 0 ? "" : String(policy.confirmationTemplate)
            ), ("confirmation_days", String(policy.confirmationDays)),
            ("usual_hour", String(policy.usualHour)), ("stop_words", policy.stopWords.joined(separator: "\n")),
            ("approval_above", policy.approvalAbove == 0 ? "" : String(policy.approvalAbove)),
        ]
        for (index, cap) in policy.caps.enumerated() {
            pairs += [
                ("cap\(index)_channel", cap.channel), ("cap\(index)_days", String(cap.days)),
                ("cap\(index)_most", String(cap.most)),
            ]
        }
        for (index, topic) in policy.topics.enumerated() {
            pairs += [
                ("topic\(index)_code", topic.code), ("topic\(index)_zh", topic.name("zh-Hans")),
                ("topic\(index)_en", topic.name("en")),
            ]
        }
        return Fields(pairs)
    }

    private static func answer(
        _ request: PageRequest, _ form: Fields, problem: String? = nil
    ) async throws -> Reply {
        let letters = try await request.platform.store.read { connection in
            try MessageTemplates.list(connection).filter {
                $0.channel == "email" && $0.isTransactional && $0.version > 0
            }
        }
        let letter = form.text("confirmation_template")
        func flag(_ name: String, hint: Bool = false) -> PolicyModel.Flag {
            PolicyModel.Flag(
                value: name, title: request.text("sending.flag_\(name)"),
                hint: hint ? request.text("sending.hint_\(name)") : nil, checked: form[name] == "1" ? "checked" : nil)
        }
        let drops = form["quiet_drops"] == "1"
        let model = PolicyModel(
            consent: flag("needs_consent", hint: true),
            tracking: ["tracks_opens", "tracks_clicks"].map { flag($0) }
                + [flag("tracking_needs_consent", hint: true), flag("adds_utm", hint: true)],
            quietFrom: form.text("quiet_from"), quietTo: form.text("quiet_to"),
            quietChoices: [("0", "defers", !drops), ("1", "drops", drops)].map {
                PolicyModel.Flag(
                    value: $0.0, title: request.text("sending.quiet_\($0.1)"), checked: $0.2 ? "checked" : nil)
            }, expiryDays: form.text("expiry_days"), approvalAbove: form.text("approval_above"),
            confirmation: flag("double_opt_in"),
            letters: [Choice("", request.text("sending.confirmation_made"), chosen: letter)]
                + letters.map { Choice(String($0.id), $0.name, chosen: letter) },
            confirmationDays: form.text("confirmation_days"), stopWords: form.text("stop_words"),
            usualHour: form.text("usual_hour"), caps: caps(form, request), topics: topics(form), problem: problem)
        return .page(
            Page(
                "sending/policy", title: request.text("sending.policy"),
                crumbs: [Crumb(request.text("sending.title"), "/sending")], model: model,
                status: problem == nil ? .ok : .unprocessableContent))
    }

    /// Those that say something, and an empty one more.
    private static func caps(_ form: Fields, _ request: PageRequest) -> [PolicyModel.Cap] {
        let said = (0..<MessagePolicy.capsMax).filter {
            !form.text("cap\($0)_days").isEmpty || !form.text("cap\($0)_most").isEmpty
        }
        return (0..<min(MessagePolicy.capsMax, (said.last ?? -1) + 2)).map { index in
            let chosen = form.text("cap\(index)_channel")
            return PolicyModel.Cap(
                index: String(index),
                channels: [Choice("", request.text("sending.all_channels"), chosen: chosen)]
                    + ChannelCatalog.names.map { Choice($0, request.text("message.channel_\($0)"), chosen: chosen) },
                days: form.text("cap\(index)_days"), most: form.text("cap\(index)_most"))
        }
    }

    private static func topics(_ form: Fields) -> [PolicyModel.Topic] {
        let said = (0..<MessagePolicy.topicsMax).filter { index in
            ["code", "zh", "en"].contains { !form.text("topic\(index)_\($0)").isEmpty }
        }
        return (0..<min(MessagePolicy.topicsMax, (said.last ?? -1) + 2)).map { index in
            PolicyModel.Topic(
                index: String(index), code: form.text("topic\(index)_code"), chinese: form.text("topic\(index)_zh"),
                english: form.text("topic\(index)_en"))
        }
    }
}
