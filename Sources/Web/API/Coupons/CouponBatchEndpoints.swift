import Engine
import Hummingbird
import NIOCore
import Storage

/// The codes of a batch as a CSV file, from the console and over the API.
enum CouponBatchFile {
    /// The file, written while it is sent; that it was taken is in the audit log first.
    /// Throws: `CouponError.batchNotFound`, `StorageError`.
    static func open(
        _ id: Int64, by actor: String, _ platform: Platform
    ) async throws -> (name: String, body: ResponseBody) {
        let now = platform.effects.now()
        let name = try await platform.store.write { connection in
            let batch = try CouponBatches.get(id, connection)
            let definition = try CouponDefinitions.get(batch.definitionID, connection)
            try AuditLog.append(
                actor: actor, action: "coupon_batch.export", subject: "coupon_batch:\(id)", detail: definition.name,
                connection, at: now)
            return "\(definition.name)-\(id).csv"
        }
        let body = ResponseBody { writer in
            try await writer.write(ByteBuffer(string: CouponBatches.header))
            var after: Int64? = 0
            while let place = after {
                let page = try await platform.store.read { try CouponBatches.page(id, after: place, $0) }
                try await writer.write(ByteBuffer(string: page.lines))
                after = page.next
            }
            try await writer.finish(nil)
        }
        return (name, body)
    }
}

/// Batches of unique codes.
enum CouponBatchEndpoints {
    private static let tag = "Coupons"

    private static let batch = APISchema.named(
        "CouponBatch",
        .object([
            APIField("id", .id), APIField("definition_id", .id), APIField("version", .integer()),
            APIField("pattern", .string()), APIField("bits", .integer(), "Entropy of a code."),
            APIField("total", .integer()), APIField("made", .integer(), "So far."), APIField("job_id", .id),
            APIField("created_at", .timestamp), APIField("created_by", .string()),
            APIField("voided_at", .nullable(.timestamp)),
        ]))

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/coupons/definitions/{id}/batches", "listCouponBatches", tag: tag, "The newest first.",
            access: .scope(.loyaltyRead), parameters: [.path("id")] + APIParameter.paging,
            response: .page(of: batch), handler: list),
        APIRoute(
            .post, "/api/v1/coupons/definitions/{id}/batches", "createCouponBatch", tag: tag,
            "Ask for unique codes; a job draws them.", access: .scope(.loyaltyWrite), parameters: [.path("id")],
            body: .json(
                .object([
                    APIField(
                        "pattern", .string(min: 1, max: CouponLimits.patternCharacters),
                        "`SPRING-####-####C`: # is drawn, the C at the end is the check character."),
                    APIField("count", .integer(1...CouponLimits.batchMax)),
                ])), status: .accepted, response: batch, handler: create),
        APIRoute(
            .get, "/api/v1/coupons/batches/{id}", "getCouponBatch", tag: tag, "One batch with its progress.",
            access: .scope(.loyaltyRead), parameters: [.path("id")], response: batch, handler: get),
        APIRoute(
            .get, "/api/v1/coupons/batches/{id}/file", "getCouponBatchFile", tag: tag, "The codes as CSV.",
            access: .scope(.loyaltyWrite), parameters: [.path("id")], response: .string(), responseType: "text/csv",
            handler: file),
        APIRoute(
            .post, "/api/v1/coupons/batches/{id}/void", "voidCouponBatch", tag: tag,
            "Take back every code that nobody has claimed or used.", access: .scope(.loyaltyWrite),
            parameters: [.path("id")], response: batch, handler: void),
        APIRoute(
            .post, "/api/v1/coupons/definitions/{id}/shared-codes", "createSharedCouponCode", tag: tag,
            "Make one code for everybody.", access: .scope(.loyaltyWrite), parameters: [.path("id")],
            body: .json(
                .object([
                    APIField("code", CouponSchemas.code),
                    .optional("uses_max", .nullable(.integer(1...CouponLimits.countMax)), "Orders in all."),
                ])), status: .created, response: CouponSchemas.coupon, handler: share),
        APIRoute(
            .post, "/api/v1/coupons/definitions/{id}/segment-issues", "issueCouponsToSegment", tag: tag,
            "Issue a coupon to everybody in a segment, in the background; again with the key it reaches only people "
                + "it has not reached.", access: .scope(.loyaltyWrite), parameters: [.path("id")],
            body: .json(
                .object([
                    APIField("segment_id", .id),
                    APIField("key", .string(min: 1, max: CouponLimits.keyBytes / 2), "Of the hand-out."),
                ])), status: .accepted, response: .object([APIField("job_id", .id)]), handler: issueToSegment),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, before) = (try request.id("id"), try request.cursorID() ?? .max)
        let limit = min(request.limit, CouponLimits.pageRows)
        let found = try await context.platform.store.read { connection in
            _ = try CouponDefinitions.get(id, connection)
            return try CouponBatches.list(of: id, before: before, limit: limit, connection)
        }
        return try APIResponse(
            page: found, next: found.count == limit ? found.last.map { .integer($0.id) } : nil, json)
    }

    @Sendable private static func create(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, effects, actor) = (try request.id("id"), context.platform.effects, request.caller.actor)
        let (pattern, count) = (request.body["pattern"]?.stringValue ?? "", request.body["count"]?.intValue ?? 0)
        let batch = try await context.platform.store.write { connection in
            let batch = try CouponBatches.ask(
                id, pattern: pattern, count: count, by: actor, effects: effects, connection)
            try AuditLog.append(
                actor: actor, action: "coupon_batch.create", subject: "coupon_batch:\(batch.id)",
                detail: "\(count) \(pattern)", connection, at: effects.now())
            return batch
        }
        return APIResponse(try json(batch))
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        return APIResponse(try json(try await context.platform.store.read { try CouponBatches.get(id, $0) }))
    }

    @Sendable private static func file(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let file = try await CouponBatchFile.open(
            try request.id("id"), by: request.caller.actor, context.platform)
        return APIResponse(file: file.body, name: file.name)
    }

    @Sendable private static func void(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, now, actor) = (try request.id("id"), context.platform.effects.now(), request.caller.actor)
        let batch = try await context.platform.store.write { connection in
            try AuditLog.append(
                actor: actor, action: "coupon_batch.void", subject: "coupon_batch:\(id)", detail: "", connection,
                at: now)
            return try CouponBatches.void(id, at: now, connection)
        }
        return APIResponse(try json(batch))
    }

    @Sendable private static func share(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, code) = (try request.id("id"), request.body["code"]?.stringValue ?? "")
        let answer = try await CouponIssuing.share(
            id, code: code, usesMax: request.body["uses_max"]?.intValue, by: request.caller.actor, context.platform)
        return APIResponse(CouponSchemas.json(answer.coupon))
    }

    @Sendable private static func issueToSegment(
        _ request: APIRequest, _ context: APIContext
    ) async throws -> APIResponse {
        let (id, effects, actor) = (try request.id("id"), context.platform.effects, request.caller.actor)
        let segment = request.body["segment_id"]?.stringValue.flatMap { Int64($0) } ?? 0
        let key = request.body["key"]?.stringValue ?? ""
        let job = try await context.platform.store.write { connection in
            try AuditLog.append(
                actor: actor, action: "coupon.issue_segment", subject: "coupon_definition:\(id)",
                detail: "segment:\(segment)", connection, at: effects.now())
            return try CouponSegmentIssue.ask(
                id, segment: segment, key: key, by: actor, effects: effects, connection)
        }
        return APIResponse(["job_id": JSONValue(id: job)])
    }

    private static func json(_ batch: CouponBatch) throws -> JSONValue {
        [
            "id": JSONValue(id: batch.id), "definition_id": JSONValue(id: batch.definitionID),
            "version": .integer(batch.version), "pattern": .string(batch.pattern),
            "bits": JSONValue(try CouponPattern(batch.pattern).bits), "total": .integer(batch.total),
            "made": .integer(batch.made), "job_id": JSONValue(id: batch.jobID),
            "created_at": JSONValue(batch.createdAt), "created_by": .string(batch.createdBy),
            "voided_at": JSONValue(batch.voidedAt),
        ]
    }
}
