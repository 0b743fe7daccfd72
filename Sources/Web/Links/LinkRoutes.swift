import Engine
import HTTPTypes
import Hummingbird
import NIOCore

/// `GET /q/CODE`: where posters, tills and staff cards lead. The visit is noted, then the visitor sent on.
///
/// Only hosts that somebody allowed are led to, asked at each visit. Whoever looks ahead (scanners of mail, previews of
/// messengers, prefetching) is sent on too and counted apart. When the event cannot be written the visitor still
/// arrives: a customer in front of a poster comes first.
struct LinkRoutes: Sendable {
    private let context: CollectContext
    private let codes: ChannelCodeCache

    init(context: CollectContext) {
        self.context = context
        codes = ChannelCodeCache(platform: context.platform)
    }

    func add(to router: Router<WebContext>) {
        for method in [HTTPRequest.Method.get, .head] {
            router.on("/q/{code}", method: method) { request, web in
                await answer(request, web, web.parameters.get("code") ?? "")
            }
        }
    }

    private static let codeBytes = 64

    private func answer(_ request: Request, _ web: WebContext, _ code: String) async -> Response {
        let found: ChannelCodeCache.Answer
        do {
            found = code.utf8.count <= Self.codeBytes ? try await codes.answer(code) : .unknown
        } catch {
            return LinkPage404.response(.serviceUnavailable)
        }
        switch found {
        case .unknown: return LinkPage404.response(.notFound)
        case .forbidden: return LinkPage404.response(.forbidden)
        case .leads(let code):
            let visitor = Visitor(request, web)
            var response = Response(
                status: .found, headers: [.location: code.destination, .cacheControl: "no-store"])
            if request.method == .head { return response }
            let known = Self.cookie(request)
            let id = known ?? context.platform.effects.randomHex(bytes: 16)
            if known == nil, !visitor.isPrivate {
                response.headers[.setCookie] = "pn_id=\(id); Path=/; Max-Age=34128000; SameSite=Lax"
            }
            await note(code, visitor, id)
            return response
        }
    }

    private func note(_ code: ChannelCode, _ visitor: Visitor, _ id: String) async {
        do {
            let source = try await codes.source()
            let facts = context.traffic.agents.facts(visitor.userAgent)
            if let verdict = context.traffic.verdict(visitor, facts) {
                let key = FilteredTraffic.Key(sourceID: source, reason: verdict.reason, agent: verdict.agent)
                context.traffic.note([key: 1])
                await context.traffic.flush()
                return
            }
            let event = scan(code, visitor, facts, id)
            try await context.append(IncomingBatch(sourceID: source, events: [event]))
        } catch {
            context.platform.logger.warning("A scan could not be noted", metadata: ["error": "\(error)"])
        }
    }

    private func scan(
        _ code: ChannelCode, _ visitor: Visitor, _ facts: UserAgents.Facts, _ id: String
    ) -> IncomingEvent {
        let now = context.platform.effects.now()
        var words = ContextWords()
        words.set("campaign", "source", code.campaign.source)
        words.set("campaign", "medium", code.campaign.medium)
        words.set("campaign", "name", code.campaign.name)
        words.set("", "channelCode", code.code)
        words.set("", "userAgent", visitor.userAgent)
        words.set("", "client", facts.json)
        for (name, value) in context.traffic.location(visitor.address)?.objectValue ?? [:] {
            words.set("location", name, value.stringValue ?? "")
        }
        if !visitor.isPrivate { words.set("", "ip", visitor.address) }
        let properties: JSONValue = [
            "channel_code": .string(code.code), "name": .string(code.name), "kind": .string(code.kind.rawValue),
            "owner": .string(code.owner), "target": .string(code.target),
        ]
        var traits: [String: JSONValue] = [
            "first_channel_code": .string(code.code), "first_channel_kind": .string(code.kind.rawValue),
        ]
        if !code.owner.isEmpty { traits["first_channel_owner"] = .string(code.owner) }
        return IncomingEvent(
            kind: .track, name: "Channel Code Scanned", messageID: context.platform.effects.randomHex(bytes: 16),
            identities: [IdentityClaim(kind: IdentityKind.anonymousID, value: id)], time: now, receivedAt: now,
            properties: properties.text(), traits: JSONValue.object(traits).text(), traitOperation: .setOnce,
            context: words.text)
    }

    /// The visitor's id that the tracker or an earlier scan left.
    private static func cookie(_ request: Request) -> String? {
        for pair in (request.headers[.cookie] ?? "").split(separator: ";") {
            let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0] == "pn_id", (8...64).contains(parts[1].utf8.count),
                parts[1].utf8.allSatisfy({
                    $0 == 0x2D || $0 == 0x5F || $0 >= 48 && $0 <= 57 || $0 | 0x20 >= 97 && $0 | 0x20 <= 122
                })
            else { continue }
            return String(parts[1])
        }
        return nil
    }
}

/// What somebody sees whose code leads nowhere; small, in both languages, because nobody knows theirs.
private enum LinkPage404 {
    static func response(_ status: HTTPResponse.Status) -> Response {
        let text = """
            <!doctype html><html lang="zh-Hans"><head><meta charset="utf-8">\
            <meta name="viewport" content="width=device-width,initial-scale=1"><title>无法打开</title></head>\
            <body><h1>此二维码已失效</h1><p lang="en">This code no longer leads anywhere.</p></body></html>
            """
        var headers: HTTPFields = [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"]
        headers[.contentSecurityPolicy] = "default-src 'none'"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
