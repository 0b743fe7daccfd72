import Engine
import HTTPTypes
import Hummingbird

/// Umami: `POST /api/send`. The write key is the website's id.
///
/// Umami sets no cookie: a visitor is known for a month by a hash of website, address and user agent, which is not
/// kept itself. The answer's `cache` carries it on, so that a visit outlives a change of address.
enum UmamiCollector {
    static let dialect = CollectorDialect(
        name: UmamiBody.dialect,
        add: { router, context in
            var exchange = CollectExchange(context: context, dialect: UmamiBody.dialect)
            exchange.headerIsVisitor = true
            exchange.keepsAddress = false
            exchange.register("/api/send", [.post], router) { [exchange] request, web in
                await respond(request, web, exchange)
            }
        },
        read: { raw, name, moment in
            // A replay no longer knows the visitor: the bytes stand for them.
            let session = raw.withUnsafeBufferPointer { ContentID.of($0, 0..<$0.count) }
            return CollectedBatch.reading(raw, name) { try UmamiBody.read(raw, session: session, moment) }
        })

    private static func respond(_ request: Request, _ web: WebContext, _ exchange: CollectExchange) async -> Response {
        do {
            let call = try await exchange.call(request, web)
            let session = UmamiSession(call, at: exchange.context.platform.effects.now())
            let taken = try await exchange.take(call) { moment in
                try UmamiBody.read(call.body, session: session.id, moment)
            }
            if let rejected = taken.batch.rejected.first {
                throw CollectFailure(.badRequest, rejected.item.reason.rawValue, rejected.item.explanation)
            }
            // What Umami says to bots.
            if taken.machine != nil { return CollectAnswer.json(.ok, #"{"beep":"boop"}"#) }
            return CollectAnswer.json(.ok, session.answer.text())
        } catch {
            let failure = CollectFailure(error, exchange.context.platform)
            let body: JSONValue = [
                "error": [
                    "message": .string(failure.message), "code": .string(failure.code),
                    "status": JSONValue(failure.status.code),
                ]
            ]
            return CollectAnswer.json(failure.status, body.text(), headers: failure.headers)
        }
    }
}

/// The visitor of a request without cookies, and the visit within the hour.
struct UmamiSession {
    let id: String
    let visit: String

    private static let header: HTTPField.Name = {
        guard let name = HTTPField.Name("x-umami-cache") else { preconditionFailure("a header name") }
        return name
    }()

    init(_ call: CollectExchange.Call, at now: Timestamp) {
        let month = now.iso8601.prefix(7)
        let hour = now.seconds / 3_600
        let carried = call.request.headers[Self.header]?.split(separator: ".").map(String.init) ?? []
        let isWhole = carried.count == 3 && carried[0] == month && carried[1...].allSatisfy(Self.isID)
        let seed = "\(month)|\(call.visitor.address)|\(call.visitor.userAgent)|\(Self.website(call.body))"
        id = isWhole ? carried[1] : Self.uuid("visitor|" + seed)
        visit = isWhole ? carried[2] : Self.uuid("visit|\(hour)|" + seed)
        cache = "\(month).\(id).\(visit)"
    }

    private let cache: String

    var answer: JSONValue {
        ["cache": .string(cache), "sessionId": .string(id), "visitId": .string(visit)]
    }

    private static func website(_ body: [UInt8]) -> String {
        do {
            return try JSONValue(parsing: body)["payload"]?["website"]?.word ?? ""
        } catch {
            return ""
        }
    }

    private static func isID(_ text: String) -> Bool {
        text.utf8.count == 36 && text.utf8.allSatisfy { $0 == 0x2D || $0 >= 48 && $0 <= 57 || $0 >= 97 && $0 <= 102 }
    }

    /// A UUID of the eighth version (RFC 9562 §5.8) made of a digest.
    private static func uuid(_ seed: String) -> String {
        let digest = Array(seed.utf8).withUnsafeBufferPointer { ContentID.of($0, 0..<$0.count) }
        let hex = Array(digest.dropFirst("sha256-".count))
        return "\(String(hex[0..<8]))-\(String(hex[8..<12]))-8\(String(hex[13..<16]))-8\(String(hex[17..<20]))"
            + "-\(String(hex[20..<32]))"
    }
}
