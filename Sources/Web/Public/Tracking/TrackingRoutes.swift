import Engine
import HTTPTypes
import Hummingbird
import NIOCore

/// `GET /o/TOKEN`: links of messages, and the picture that tells that a letter was opened.
///
/// The link says itself where it leads and is signed, so it works for ever and leads nowhere that no message did. Whoever is
/// no person (lists of machines, prefetching, mail programs that fetch everything at once) is counted apart. The
/// visitor is sent on even when nothing can be written down.
struct TrackingRoutes: Sendable {
    private let context: CollectContext

    init(context: CollectContext) {
        self.context = context
    }

    func add(to router: Router<WebContext>) {
        for method in [HTTPRequest.Method.get, .head] {
            router.on("/o/{token}", method: method) { request, web in
                await answer(request, web, Fields.decoded(web.parameters.get("token") ?? ""))
            }
        }
    }

    /// A transparent picture of one point (GIF89a).
    private static let picture: [UInt8] = [
        0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 1, 0, 1, 0, 0x80, 0, 0, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0x21, 0xF9, 4, 1, 0, 0,
        0,
        0, 0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B,
    ]
    /// Sooner after sending no person follows a link: a scanner of the receiving server does.
    private static let scannerMilliseconds: Int64 = 2_000

    private func answer(_ request: Request, _ web: WebContext, _ token: String) async -> Response {
        let platform = context.platform
        do {
            let read = try await platform.store.read { connection in
                try MessageLinks.standing(address: "", platform.seal, connection)?.read(token)
            }
            guard let read else { return Response(status: .notFound) }
            let response: Response
            switch read.kind {
            case .click:
                response = Response(status: .found, headers: [.location: read.rest, .cacheControl: "no-store"])
            case .open:
                response = Response(
                    status: .ok, headers: [.contentType: "image/gif", .cacheControl: "no-store"],
                    body: ResponseBody(byteBuffer: ByteBuffer(bytes: Self.picture)))
            case .shown:
                await shown(read.message)
                return Response(status: .noContent, headers: [.cacheControl: "no-store"])
            case .preferences, .confirm: return Response(status: .notFound)
            }
            await note(read, request, Visitor(request, web))
            return response
        } catch MessageError.badLink {
            return Response(status: .notFound)
        } catch {
            platform.logger.warning("A tracked link could not be read", metadata: ["error": "\(error)"])
            return Response(status: .serviceUnavailable)
        }
    }

    /// The worker of the person's browser showed it: nobody else can know this address.
    private func shown(_ message: Int64) async {
        let platform = context.platform
        do {
            try await platform.store.write { connection in
                _ = try MessageProgress.receive(
                    .delivered, of: message, channel: "push", platform.effects, connection)
            }
        } catch {
            platform.logger.warning("A message shown could not be noted", metadata: ["error": "\(error)"])
        }
    }

    private func note(
        _ read: (kind: MessageLinks.Kind, message: Int64, rest: String), _ request: Request, _ visitor: Visitor
    ) async {
        let (platform, message, isClick, url) = (context.platform, read.message, read.kind == .click, read.rest)
        let facts = context.traffic.agents.facts(visitor.userAgent)
        // Mail programs that fetch all pictures ahead of their owner call themselves by nothing more than this.
        let isMachine =
            request.method == .head || context.traffic.verdict(visitor, facts) != nil
            || visitor.userAgent.isEmpty || visitor.userAgent == "Mozilla/5.0"
        do {
            try await platform.store.write { connection in
                var isPerson = !isMachine
                if isClick, let sent = try MessageList.get(message, connection).sentAt {
                    let elapsed = platform.effects.now().milliseconds - sent.milliseconds
                    if elapsed < Self.scannerMilliseconds { isPerson = false }
                }
                if isClick {
                    try MessageProgress.clicked(message, isPerson: isPerson, url: url, platform.effects, connection)
                } else {
                    try MessageProgress.opened(message, isPerson: isPerson, platform.effects, connection)
                }
            }
        } catch MessageError.notFound {
            return
        } catch {
            platform.logger.warning("A tracked link could not be noted", metadata: ["error": "\(error)"])
        }
    }
}
