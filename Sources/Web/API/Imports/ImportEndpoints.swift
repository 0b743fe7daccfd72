import Engine
import Hummingbird
import NIOCore

/// Files of orders, profiles or events: send, look at the plan, start, watch.
enum ImportEndpoints {
    private static let tag = "Imports"
    private static let kinds = ImportKind.allCases.map(\.rawValue)

    private static let record = APISchema.named(
        "Import",
        .object([
            APIField("id", .id), APIField("kind", .words(kinds)), APIField("file_name", .string()),
            APIField("file_bytes", .integer()), APIField("status", .words(ImportStatus.allCases.map(\.rawValue))),
            APIField("rows", .integer()), APIField("events", .integer()), APIField("refused", .integer()),
            APIField("fraction", .number), APIField("rows_per_second", .number),
            APIField("seconds_left", .nullable(.number)), APIField("created_at", .timestamp),
            APIField("started_at", .nullable(.timestamp)), APIField("finished_at", .nullable(.timestamp)),
            APIField(
                "error", .nullable(.object([APIField("code", .string()), APIField("message", .string())]))),
        ]))

    private static let options: [APIField] = [
        .optional("mapping", .string(min: 1, max: 4_000), "customer=sid,time=date,amount=amt"),
        .optional("time_zone", .string(min: 1, max: 64), "IANA name, for times without an offset."),
        .optional("currency", .string(min: 3, max: 3), "ISO 4217, for rows without one."),
        .optional(
            "unknown_tags", .words(["create", "refuse"]),
            "What a column of tags names and is not there: made unless told, or the row is refused."),
    ]

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/imports", "listImports", tag: tag, "Imports, newest first.", access: .scope(.importsRead),
            parameters: APIParameter.paging, response: .page(of: record), handler: list),
        APIRoute(
            .post, "/api/v1/imports", "uploadImport", tag: tag,
            "Send a file (CSV or JSON Lines, gzip welcome) as the body; nothing is imported yet.",
            access: .scope(.importsWrite),
            parameters: [
                .query("kind", .words(kinds), required: true),
                .query("name", .string(min: 1, max: 200), "Of the file."),
            ],
            body: .stream(.string(), contentTypes: ["text/csv", "application/x-ndjson", "application/octet-stream"]),
            status: .created, response: record, handler: upload),
        APIRoute(
            .get, "/api/v1/imports/{id}", "getImport", tag: tag, "One import with its progress.",
            access: .scope(.importsRead), parameters: [.path("id")], response: record, handler: get),
        APIRoute(
            .post, "/api/v1/imports/{id}/plan", "planImport", tag: tag,
            "What importing would do: columns, mapping, the first rows, questions to settle. Stores nothing.",
            access: .scope(.importsWrite), parameters: [.path("id")], body: .json(.object(options)),
            response: .named("ImportPlan", .object([], isOpen: true)), handler: plan),
        APIRoute(
            .post, "/api/v1/imports/{id}/start", "startImport", tag: tag, "Import the file in the background.",
            access: .scope(.importsWrite), parameters: [.path("id")],
            body: .json(
                .object(
                    options + [.optional("source", .string(min: 1, max: 80), "The source that the rows come from.")])),
            status: .accepted, response: record, handler: start),
        APIRoute(
            .post, "/api/v1/imports/{id}/cancel", "cancelImport", tag: tag,
            "Stop an import; what is stored stays.", access: .scope(.importsWrite), parameters: [.path("id")],
            response: record, handler: cancel),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (before, limit) = (try request.cursorID() ?? .max, request.limit)
        let records = try await context.platform.store.read { try Imports.list($0, before: before, limit: limit) }
        return APIResponse(
            page: records, next: records.count == limit ? records.last.map { .integer($0.id) } : nil, json)
    }

    @Sendable private static func upload(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        guard let folder = context.uploadFolder else {
            throw Problem(.serviceUnavailable, "no_uploads", "This server takes no files.")
        }
        let kind = request.string("kind").flatMap(ImportKind.init(rawValue:)) ?? .orders
        let upload = try ImportUpload(folder: folder, id: context.platform.effects.newID())
        for try await piece in request.raw.body { try upload.write(piece.readableBytesView) }
        try upload.finish()
        let (name, effects) = (request.string("name") ?? "upload", context.platform.effects)
        let (id, path) = (upload.id, upload.path)
        let record = try await context.platform.store.write { connection in
            let workspace = try Workspace.load(connection)
            return try Imports.register(
                path: path, name: name, isUpload: true,
                options: ImportOptions(kind: kind, timeZone: workspace.timeZone, currency: workspace.currency), id: id,
                connection, effects)
        }
        return APIResponse(json(record))
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        return APIResponse(json(try await context.platform.store.read { try Imports.get(id, $0) }))
    }

    @Sendable private static func plan(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        try APIResponse(report: try await made(request, context))
    }

    @Sendable private static func start(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let plan = try await made(request, context)
        guard let resolved = plan.resolved else {
            throw Problem(
                .unprocessableContent, plan.problems.first?.code ?? "unsettled",
                "The import cannot start before its questions are settled.",
                flaws: plan.problems.map { Problem.Flaw($0.code, $0.message) })
        }
        let (id, actor, effects) = (try request.id("id"), request.caller.actor, context.platform.effects)
        let source = request.body["source"]?.stringValue ?? "Import"
        let record = try await context.platform.store.write {
            try Imports.start(id, plan: resolved, sourceName: source, by: actor, $0, effects)
        }
        return APIResponse(json(record))
    }

    @Sendable private static func cancel(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, effects) = (try request.id("id"), context.platform.effects)
        return APIResponse(json(try await context.platform.store.write { try Imports.cancel(id, $0, effects) }))
    }

    private static func made(_ request: APIRequest, _ context: APIContext) async throws -> ImportPlan {
        let id = try request.id("id")
        let record = try await context.platform.store.read { try Imports.get(id, $0) }
        var options = record.options
        if let mapping = request.body["mapping"]?.stringValue { options.mapping = try ColumnMapping(parsing: mapping) }
        if let zone = request.body["time_zone"]?.stringValue { options.timeZone = zone }
        if let currency = request.body["currency"]?.stringValue { options.currency = currency }
        if let unknown = request.body["unknown_tags"]?.stringValue {
            options.knownTags =
                unknown == "refuse"
                ? try await context.platform.store.read { try TagTree.load($0).importable } : nil
        }
        return try Imports.plan(record, options: options, now: context.platform.effects.now())
    }

    private static func json(_ record: ImportRecord) -> JSONValue {
        [
            "id": JSONValue(id: record.id), "kind": .string(record.kind.rawValue),
            "file_name": .string(record.fileName), "file_bytes": .integer(record.fileBytes),
            "status": .string(record.status.rawValue), "rows": .integer(record.progress.rows),
            "events": .integer(record.progress.events), "refused": .integer(record.progress.refused),
            "fraction": .number(record.progress.fraction), "rows_per_second": .number(record.progress.rowsPerSecond),
            "seconds_left": JSONValue(record.progress.secondsLeft), "created_at": JSONValue(record.createdAt),
            "started_at": JSONValue(record.startedAt), "finished_at": JSONValue(record.finishedAt),
            "error": record.error.map { ["code": .string($0.code), "message": .string($0.message)] } ?? .null,
        ]
    }
}
