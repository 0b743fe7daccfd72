import Engine
import HTTPTypes
import Hummingbird

/// Mixpanel: `/track`, `/engage`, `/groups`, `/import`, by form, query or JSON.
enum MixpanelCollector {
    static let dialect = CollectorDialect(
        name: MixpanelBody.dialect,
        add: { router, context in
            MixpanelRoutes(exchange: CollectExchange(context: context, dialect: MixpanelBody.dialect)).add(to: router)
        },
        read: { raw, name, moment in
            let call = name.split(separator: ":").dropFirst().first.flatMap { MixpanelBody.Call(rawValue: String($0)) }
            return CollectedBatch.reading(raw, name) {
                try MixpanelBody.read(try MixpanelBody.payload(raw), call ?? .track, moment)
            }
        })
}

/// The paths of the dialect. `verbose=1` asks for an object in place of a bare `1`; the SDKs fall over any other form.
private struct MixpanelRoutes: Sendable {
    let exchange: CollectExchange

    private static let calls: [(path: String, call: MixpanelBody.Call)] = [
        ("/track", .track), ("/import", .track), ("/engage", .engage), ("/groups", .groups),
    ]

    func add(to router: Router<WebContext>) {
        for (path, call) in Self.calls {
            var exchange = exchange
            exchange.dialect = "\(MixpanelBody.dialect):\(call.rawValue)"
            // Escaped base64 is nearly twice its size.
            exchange.bodyBytes = EventLimits.batchBytes * 2
            exchange.register(path, [.post, .get], router) { [exchange] request, web in
                await respond(request, web, exchange, call, isImport: path == "/import")
            }
        }
    }

    private struct Manner {
        var isVerbose = false
        var isPixel = false
        var isImport = false

        mutating func note(_ fields: FormFields) {
            if fields["verbose"] == "1" { isVerbose = true }
            if fields["img"] == "1" { isPixel = true }
        }
    }

    private func respond(
        _ request: Request, _ web: WebContext, _ exchange: CollectExchange, _ kind: MixpanelBody.Call, isImport: Bool
    ) async -> Response {
        var manner = Manner(isImport: isImport)
        manner.note(FormFields((request.uri.query ?? "").utf8))
        do {
            var call = try await exchange.call(request, web) { [$0["token"], $0["api_key"]] }
            let body = request.method == .get ? Array((request.uri.query ?? "").utf8) : call.body
            if request.headers[.contentType]?.hasPrefix("application/json") != true {
                let form = FormFields(body)
                manner.note(form)
                call.keys += [form["token"], form["api_key"]]
            }
            let batch = try await exchange.take(call) { moment in
                try MixpanelBody.read(try MixpanelBody.payload(body), kind, moment)
            }.batch
            return manner.isPixel ? CollectAnswer.pixel : success(batch, manner)
        } catch {
            return failure(CollectFailure(error, exchange.context.platform), manner)
        }
    }

    private func success(_ batch: CollectedBatch, _ manner: Manner) -> Response {
        if manner.isVerbose { return CollectAnswer.json(.ok, #"{"error":null,"status":1}"#) }
        guard manner.isImport else { return CollectAnswer.text(.ok, "1") }
        let stored = batch.count - batch.rejected.count
        guard !batch.rejected.isEmpty else {
            return CollectAnswer.json(.ok, #"{"code":200,"num_records_imported":\#(stored),"status":"OK"}"#)
        }
        let failed = batch.rejected.prefix(Self.failedMax).map { rejected -> JSONValue in
            ["index": JSONValue(rejected.index), "message": .string(rejected.item.explanation)]
        }
        // The good ones are stored, as with Mixpanel: 400 tells of the others.
        let body: JSONValue = [
            "code": 400, "error": "some data points in the request failed validation", "status": "Bad Request",
            "num_records_imported": JSONValue(stored), "failed_records": .array(Array(failed)),
        ]
        return CollectAnswer.json(.badRequest, body.text())
    }

    private static let failedMax = 100

    private func failure(_ failure: CollectFailure, _ manner: Manner) -> Response {
        if manner.isImport, !manner.isVerbose {
            let body: JSONValue = [
                "code": JSONValue(failure.status.code), "error": .string(failure.message),
                "status": .string(failure.status.reasonPhrase),
            ]
            return CollectAnswer.json(failure.status, body.text(), headers: failure.headers)
        }
        let body: JSONValue = ["error": .string(failure.message), "status": 0]
        return manner.isVerbose
            ? CollectAnswer.json(failure.status, body.text(), headers: failure.headers)
            : CollectAnswer.text(failure.status, "0")
    }
}
