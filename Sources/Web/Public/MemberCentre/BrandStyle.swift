import Engine
import HTTPTypes
import Hummingbird
import NIOCore

/// The brand's colour as a stylesheet of its own, since pages allow no style in place: `/m/brand/1b7350.css`.
enum BrandStyle {
    static func path(_ colour: String) -> String {
        let known = CentreColour(colour)?.text ?? CentreColour.standard
        return "/m/brand/\(known.dropFirst()).css"
    }

    static func answer(_ name: String) -> Response {
        guard name.hasSuffix(".css"), let colour = CentreColour("#" + name.dropLast(4)) else {
            return Response(status: .notFound, headers: [.cacheControl: "no-store"])
        }
        let text = ":root { --brand: \(colour.text); --brand-ink: \(colour.ink); }\n"
        var headers: HTTPFields = [
            .contentType: "text/css; charset=utf-8", .cacheControl: "public, max-age=31536000, immutable",
        ]
        headers[.xContentTypeOptions] = "nosniff"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
