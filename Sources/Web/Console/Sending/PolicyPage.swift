import Engine
import Storage

/// The rules under which people are written to.
struct PolicyModel: PageModel {
    struct Flag: Encodable, Sendable {
        var value: String
        var title: String
        var checked: String?
    }

    var flags: [Flag]
    var quietFrom: String
    var quietTo: String
    var expiryDays: String
    var approvalAbove: String
    var caps: String
    var topics: String
    var problem: String?
}

enum PolicyPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        answer(request, try await request.platform.store.read { try MessagePolicy.load($0) })
    }

    static func save(_ request: PageRequest) async throws -> Reply {
        let (form, actor, now) = (request.form, request.actor, request.now)
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
        policy.approvalAbove = form.int("approval_above") ?? -1
        do {
            policy.caps = try caps(form.text("caps"))
            policy.topics = try topics(form.text("topics"))
            let saved = policy
            try await request.platform.store.write { try saved.save(by: actor, at: now, $0) }
            return .redirect(to: "/sending/policy", notice: "frame.saved")
        } catch MessageError.badPolicy(let field) {
            return answer(request, policy, problem: request.text("sending.problem_\(field)"))
        }
    }

    /// A line each: `all 1 2`, `email 7 5`.
    private static func caps(_ text: String) throws -> [MessagePolicy.Cap] {
        try text.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }.map { line in
            let words = line.split(separator: " ")
            guard words.count == 3, let days = Int(words[1]), let most = Int64(words[2]) else {
                throw MessageError.badPolicy(field: "caps")
            }
            return MessagePolicy.Cap(channel: words[0] == "all" ? "" : String(words[0]), days: days, most: most)
        }
    }

    /// A line each: `offers | 优惠与活动 | Offers`.
    private static func topics(_ text: String) throws -> [MessagePolicy.Topic] {
        try text.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }.map { line in
            let words = line.split(separator: "|").map { $0.split(separator: " ").joined(separator: " ") }
            guard words.count == 3 else { throw MessageError.badPolicy(field: "topics") }
            return MessagePolicy.Topic(code: words[0], names: ["zh-Hans": words[1], "en": words[2]])
        }
    }

    private static func answer(_ request: PageRequest, _ policy: MessagePolicy, problem: String? = nil) -> Reply {
        let flags: [(String, Bool)] = [
            ("needs_consent", policy.needsConsent), ("quiet_drops", policy.quietDrops),
            ("tracks_opens", policy.tracksOpens), ("tracks_clicks", policy.tracksClicks),
            ("tracking_needs_consent", policy.trackingNeedsConsent), ("adds_utm", policy.addsUTM),
        ]
        let form = request.form
        let model = PolicyModel(
            flags: flags.map {
                PolicyModel.Flag(
                    value: $0.0, title: request.text("sending.flag_\($0.0)"), checked: $0.1 ? "checked" : nil)
            }, quietFrom: String(policy.quietFrom), quietTo: String(policy.quietTo),
            expiryDays: String(policy.expiryDays), approvalAbove: String(policy.approvalAbove),
            caps: form["caps"]
                ?? policy.caps.map { "\($0.channel.isEmpty ? "all" : $0.channel) \($0.days) \($0.most)" }
                .joined(separator: "\n"),
            topics: form["topics"]
                ?? policy.topics.map { "\($0.code) | \($0.name("zh-Hans")) | \($0.name("en"))" }.joined(separator: "\n"),
            problem: problem)
        return .page(
            Page(
                "sending/policy", title: request.text("sending.policy"),
                crumbs: [Crumb(request.text("sending.title"), "/sending")], model: model,
                status: problem == nil ? .ok : .unprocessableContent))
    }
}
