import HTTPTypes
import Hummingbird

/// The headers that every page of the console carries.
enum SecurityHeaders {
    /// Scripts, styles, images and connections from here only; no inline script, no inline style, no frames.
    static let contentSecurityPolicy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data: blob:",
        "font-src 'self'", "connect-src 'self'", "manifest-src 'self'", "form-action 'self'",
        "frame-ancestors 'none'", "base-uri 'none'",
    ].joined(separator: "; ")

    /// The same of a page that shows pages of these origins in frames.
    static func policy(framing origins: [String]) -> String {
        contentSecurityPolicy + "; frame-src " + origins.joined(separator: " ")
    }

    /// Of a letter: styles in place, nothing else.
    static let letterPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"

    /// Of a letter in a frame of the console.
    static let framedPolicy =
        "default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data:; sandbox; frame-ancestors 'self'"

    static func add(to headers: inout HTTPFields) {
        headers[.contentSecurityPolicy] = contentSecurityPolicy
        headers[.xContentTypeOptions] = "nosniff"
        headers[.referrerPolicy] = "same-origin"
        headers[.frameOptions] = "DENY"
        headers[.openerPolicy] = "same-origin"
        headers[.permissionsPolicy] = "camera=(), microphone=(), geolocation=()"
        headers[.cacheControl] = "no-store"
    }

    static func acceptsGzip(_ request: Request) -> Bool {
        (request.headers[.acceptEncoding] ?? "").contains("gzip")
    }
}

extension HTTPField.Name {
    static let referrerPolicy = name("Referrer-Policy")
    static let frameOptions = name("X-Frame-Options")
    static let openerPolicy = name("Cross-Origin-Opener-Policy")
    static let permissionsPolicy = name("Permissions-Policy")
    static let hxRequest = name("HX-Request")
    static let hxRedirect = name("HX-Redirect")
    static let csrfToken = name("X-CSRF-Token")
    static let lastEventID = name("Last-Event-ID")
    static let panelTicket = name("X-Panel")
    static let fetchSite = name("Sec-Fetch-Site")

    private static func name(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("not a header name: \(text)") }
        return name
    }
}
