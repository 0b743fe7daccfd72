import Engine
import Hummingbird
import NIOCore
import Storage

/// The people of a segment as a file, from the console and over the API.
enum SegmentFile {
    /// The file, written while it is sent; that it was taken is in the audit log first.
    /// Throws: `SegmentError.notFound`, `StorageError`.
    static func open(
        _ id: Int64, isHashed: Bool, by actor: String, _ platform: Platform
    ) async throws -> (name: String, body: ResponseBody) {
        let now = platform.effects.now()
        let segment = try await platform.store.write { connection in
            let segment = try Segments.get(id, connection)
            try AuditLog.append(
                actor: actor, action: isHashed ? "segment.export_hashed" : "segment.export",
                subject: "segment:\(id)", detail: segment.name, connection, at: now)
            return segment
        }
        let body = ResponseBody { writer in
            try await writer.write(ByteBuffer(string: isHashed ? SegmentAdExport.header : SegmentExport.header))
            var after: Int64? = 0
            while let place = after {
                let page = try await platform.store.read {
                    isHashed
                        ? try SegmentAdExport.page(id, after: place, $0) : try SegmentExport.page(id, after: place, $0)
                }
                try await writer.write(ByteBuffer(string: page.lines))
                after = page.next
            }
            try await writer.finish(nil)
        }
        return (segment.name + (isHashed ? "-sha256.csv" : ".csv"), body)
    }
}

enum SegmentFileEndpoints {
    private static let forms = ["plain", "hashed"]

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/segments/{id}/file", "getSegmentFile", tag: "Segments",
            "The people of a segment as CSV: names and addresses, or hashed for the audience upload of ad platforms.",
            access: .scope(.profilesRead),
            parameters: [
                .path("id"),
                .query("form", .words(forms), "`plain` unless told; `hashed`: SHA-256 of e-mail and phone."),
            ], response: .string(), responseType: "text/csv", handler: file)
    ]

    @Sendable private static func file(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let file = try await SegmentFile.open(
            try request.id("id"), isHashed: request.string("form") == "hashed", by: request.caller.actor,
            context.platform)
        return APIResponse(file: file.body, name: file.name)
    }
}
