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

    /// A plain sign in the brand's colour, for the browser's tab: `/m/brand/1b7350.svg`.
    static func icon(_ colour: String) -> String { String(path(colour).dropLast(4)) + ".svg" }

    static func answer(_ name: String) -> Response {
        let isIcon = name.hasSuffix(".svg")
        guard isIcon || name.hasSuffix(".css"), let colour = CentreColour("#" + name.dropLast(4)) else {
            return Response(status: .notFound, headers: [.cacheControl: "no-store"])
        }
        let text =
            isIcon
            ? #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill=""#
                + colour.text + "\"/></svg>\n"
            : ":root { --brand: \(colour.text); --brand-ink: \(colour.ink); }\n"
        var headers: HTTPFields = [
            .contentType: isIcon ? "image/svg+xml" : "text/css; charset=utf-8",
            .cacheControl: "public, max-age=31536000, immutable",
        ]
        headers[.xContentTypeOptions] = "nosniff"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
