import HTTPTypes
import Hummingbird

/// Serves `/assets/HASH/NAME`: kept by the browser for ever, compressed.
enum AssetReply {
    static func answer(_ request: Request, from assets: AssetStore) async -> Response {
        guard let asset = await assets.asset(request.uri.path) else {
            return Response(status: .notFound, headers: [.cacheControl: "no-store"])
        }
        var headers: HTTPFields = [
            .contentType: asset.type,
            .cacheControl: "public, max-age=31536000, immutable",
            .vary: "Accept-Encoding",
        ]
        headers[.xContentTypeOptions] = "nosniff"
        if let gzipped = asset.gzipped, SecurityHeaders.acceptsGzip(request) {
            headers[.contentEncoding] = "gzip"
            return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: gzipped)))
        }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: asset.bytes)))
    }
}
