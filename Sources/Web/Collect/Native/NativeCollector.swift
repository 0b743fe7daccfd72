import Engine
import Hummingbird

/// `POST /api/v1/events`. The endpoint itself stands in the API's table (`EventEndpoints`).
enum NativeCollector {
    static let dialect = CollectorDialect(
        name: NativeBody.dialect,
        add: { router, _ in
            router.on("/api/v1/events", method: .options) { request, _ in CORS.preflight(request) }
        },
        read: { raw, name, moment in
            CollectedBatch.reading(raw, name) {
                try raw.withUnsafeBufferPointer { try NativeBody.read($0, moment) }
            }
        })
}
