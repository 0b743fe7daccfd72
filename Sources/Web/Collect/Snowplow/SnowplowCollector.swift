import Engine
import HTTPTypes
import Hummingbird

/// Snowplow's collector: `POST /com.snowplowanalytics.snowplow/tp2` and the pixel `GET /i`.
///
/// The write key is the app id (`aid`), or `token` in the address. No third-party cookie is set.
enum SnowplowCollector {
    static let dialect = CollectorDialect(
        name: SnowplowBody.dialect,
        add: { router, context in
            let exchange = CollectExchange(context: context, dialect: SnowplowBody.dialect)
            exchange.register("/com.snowplowanalytics.snowplow/tp2", [.post], router) { request, web in
                await respond(request, web, exchange)
            }
            exchange.register("/i", [.get], router) { request, web in await respond(request, web, exchange) }
        },
        read: { raw, name, moment in
            CollectedBatch.reading(raw, name) {
                let first = raw.first { $0 > 0x20 }
                let isJSON = first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
                return isJSON ? try SnowplowBody.read(raw, moment) : try SnowplowBody.read(query: raw, moment)
            }
        })

    private static func respond(_ request: Request, _ web: WebContext, _ exchange: CollectExchange) async -> Response {
        do {
            let call = try await exchange.call(request, web) { [$0["token"]] }
            _ = try await exchange.take(call) { moment in
                request.method == .get
                    ? try SnowplowBody.read(query: Array((request.uri.query ?? "").utf8), moment)
                    : try SnowplowBody.read(call.body, moment)
            }
            return request.method == .get ? CollectAnswer.pixel : CollectAnswer.text(.ok, "ok")
        } catch {
            let failure = CollectFailure(error, exchange.context.platform)
            // The trackers repeat a 413 for ever; a 400 ends it.
            return CollectAnswer.text(
                failure.status == .contentTooLarge ? .badRequest : failure.status, failure.message)
        }
    }
}
