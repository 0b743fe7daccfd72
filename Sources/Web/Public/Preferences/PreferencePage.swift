import Engine
import HTTPTypes
import Hummingbird
import NIOCore
import Storage

/// What a person hears about, changed by a signed link in a letter. Nobody signs in.
///
/// A GET shows and changes nothing: programs that look at links in mail open them. A POST of `List-Unsubscribe=One-Click`
/// leaves at once (RFC 8058).
struct PreferenceModel: PageModel {
    struct Topic: Encodable, Sendable {
        var value: String
        var title: String
        var checked: String?
    }

    var action: String
    var address: String
    var topics: [Topic]
    /// Ways to write to people; empty: there is only one.
    var channels: [Choice]
    var hasChannels: Bool
    var isSaved: Bool
}

/// Shown for a link that was not made here.
struct NoPreferenceModel: PageModel {}

enum PreferencePage {
    private struct Found: Sendable {
        var message: SentMessage?
        var profile: Int64
        var policy: MessagePolicy
        var said: [MessageConsents.Entry]
        var isIn: Bool
        var address: String
        var channel: String
        var channels: [String]
        var preferred: String
    }

    static func show(_ visit: Visit) async throws -> Response {
        let query = Fields(encoded: visit.request.uri.query ?? "")
        return try await answer(visit, isSaved: query["saved"] == "1")
    }

    static func change(_ visit: Visit) async throws -> Response {
        let form = try await visit.form()
        guard let found = try await find(visit) else { return try await answer(visit, isSaved: false) }
        let effects = visit.console.platform.effects
        let isOneClick = form["List-Unsubscribe"] == "One-Click"
        let wanted = Set(form.all("topic"))
        let isNone = form["act"] == "none"
        let (_, workspace) = try await visit.visitor()
        let wording = try visit.wording(nil, workspace)
        let proof = "\(isOneClick ? "List-Unsubscribe=One-Click" : wording.text("preference.title")) · \(visit.address)"
        let source = isOneClick ? "one_click" : "preferences"
        try await visit.console.platform.store.write { connection in
            let now = effects.now()
            func say(_ topic: String, _ isGranted: Bool) throws {
                let entry = MessageConsents.Entry(
                    channel: found.channel, topic: topic, isGranted: isGranted, at: now, source: source, proof: proof,
                    messageID: found.message?.id ?? 0)
                try MessageConsents.say(found.profile, entry, effects, connection)
            }
            if isOneClick {
                // Of the topic that the letter was about; of a letter without one, of the whole channel.
                try say(found.message?.topic ?? "", false)
            } else if isNone {
                try say("", false)
            } else {
                try say("", true)
                for topic in found.policy.topics { try say(topic.code, wanted.contains(topic.code)) }
                if let channel = form["channel"], channel.isEmpty || found.channels.contains(channel) {
                    try MessagePreferences.choose(
                        channel, of: found.profile, source: "preferences", at: now, connection)
                }
            }
        }
        // Who has left is told so once nothing is on its way to them any more.
        try await Messages.settle(found.profile, visit.console.platform)
        if isOneClick {
            return Response(
                status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: "OK")))
        }
        return visit.redirect(to: "/u/\(visit.parameters["token"] ?? "")?saved=1")
    }

    private static func find(_ visit: Visit) async throws -> Found? {
        let (platform, token) = (visit.console.platform, visit.parameters["token"] ?? "")
        return try await platform.store.read { connection in
            do {
                guard let links = try MessageLinks.standing(address: "", platform.seal, connection) else { return nil }
                let read = try links.read(token)
                guard read.kind == .preferences, let profile = Int64(read.rest) else { return nil }
                var message: SentMessage?
                do { message = try MessageList.get(read.message, connection) } catch MessageError.notFound {}
                let workspace = try Workspace.load(connection)
                guard let person = try RecipientFacts.load(profile, workspace, connection), person.isLiving else {
                    return nil
                }
                let said = try MessageConsents.of(person.profileIDs, connection)
                let channel = message?.channel ?? "email"
                return Found(
                    message: message, profile: person.profileID, policy: try MessagePolicy.load(connection),
                    said: said, isIn: MessageConsents.channel(channel, person.state, said) ?? true,
                    address: message?.address ?? "", channel: channel,
                    channels: try MessageTemplates.channels(connection).filter {
                        !["webhook", "wecom_robot"].contains($0)
                    },
                    preferred: try MessagePreferences.channel(of: person, connection) ?? "")
            } catch MessageError.badLink {
                return nil
            }
        }
    }

    private static func answer(_ visit: Visit, isSaved: Bool) async throws -> Response {
        let (_, workspace) = try await visit.visitor()
        let wording = try visit.wording(nil, workspace)
        let title = wording.text("preference.title")
        guard let found = try await find(visit) else {
            return visit.page(
                "public/gone", title: title, model: NoPreferenceModel(), wording: wording, workspace: workspace,
                status: .notFound)
        }
        let model = PreferenceModel(
            action: "/u/\(visit.parameters["token"] ?? "")", address: found.address,
            topics: found.policy.topics.map { topic in
                let isOut = MessageConsents.hasLeft(topic.code, found.channel, found.said)
                return PreferenceModel.Topic(
                    value: topic.code, title: topic.name(wording.language),
                    checked: found.isIn && !isOut ? "checked" : nil)
            },
            channels: [Choice("", wording.text("preference.channel_any"), chosen: found.preferred)]
                + found.channels.map { Choice($0, wording.text("message.channel_\($0)"), chosen: found.preferred) },
            hasChannels: found.channels.count > 1, isSaved: isSaved)
        return visit.page("public/preferences", title: title, model: model, wording: wording, workspace: workspace)
    }
}
