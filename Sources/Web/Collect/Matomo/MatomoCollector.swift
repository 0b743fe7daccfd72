import Engine
import HTTPTypes
import Hummingbird

/// Matomo's tracking API: `matomo.php` (and `piwik.php`) by query, form or bulk.
///
/// The write key is the site id, `token_auth`, or `token` in the address.
enum MatomoCollector {
    static let dialect = CollectorDialect(
        name: MatomoBody.dialect,
        add: { router, context in
            var exchange = CollectExchange(context: context, dialect: MatomoBody.dialect)
            exchange.headerIsVisitor = true
            for path in ["/matomo.php", "/piwik.php"] {
                exchange.register(path, [.get, .post], router) { [exchange] request, web in
                    await respond(request, web, exchange)
                }
            }
        },
        read: { raw, name, moment in
            CollectedBatch.reading(raw, name) {
                isJSON(raw) ? try MatomoBody.read(bulk: raw, moment) : try MatomoBody.read(query: raw, moment)
            }
        })

    private static func isJSON(_ bytes: [UInt8]) -> Bool { bytes.first { $0 > 0x20 } == UInt8(ascii: "{") }

    private static func respond(_ request: Request, _ web: WebContext, _ exchange: CollectExchange) async -> Response {
        var isBulk = false
        do {
            let call = try await exchange.call(request, web) { [$0["token"], $0["token_auth"], $0["idsite"]] }
            isBulk = isJSON(call.body)
            let query = Array((request.uri.query ?? "").utf8)
            let batch = try await exchange.take(call) { moment in
                if isBulk { return try MatomoBody.read(bulk: call.body, moment) }
                // A form may come beside a query; both make one hit.
                let parts = [query, call.body].filter { !$0.isEmpty }
                return try MatomoBody.read(query: Array(parts.joined(separator: [UInt8(ascii: "&")])), moment)
            }.batch
            guard isBulk else { return single(batch, call) }
            let invalid = batch.rejected.map { JSONValue($0.index) }
            let answer: JSONValue = [
                "status": "success", "tracked": JSONValue(batch.count - invalid.count),
                "invalid": JSONValue(invalid.count), "invalid_indices": .array(invalid),
            ]
            return CollectAnswer.json(.ok, answer.text())
        } catch {
            let failure = CollectFailure(error, exchange.context.platform)
            guard isBulk else { return CollectAnswer.text(failure.status, failure.message) }
            let answer: JSONValue = ["status": "error", "tracked": 0, "message": .string(failure.message)]
            return CollectAnswer.json(failure.status, answer.text(), headers: failure.headers)
        }
    }

    private static func single(_ batch: CollectedBatch, _ call: CollectExchange.Call) -> Response {
        if let rejected = batch.rejected.first {
            return CollectAnswer.text(.badRequest, rejected.item.explanation)
        }
        let wantsImage = (FormFields(call.body)["send_image"] ?? call.query["send_image"]) != "0"
        return wantsImage ? CollectAnswer.pixel : Response(status: .noContent)
    }
}
