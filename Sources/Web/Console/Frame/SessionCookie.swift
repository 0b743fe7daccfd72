import Engine
import HTTPTypes
import Hummingbird

/// The cookies of the console: the session, the token of the sign-in form, and a notice to be shown once.
enum SessionCookie {
    static let session = "perennial_session"
    static let form = "perennial_form"
    /// A sign-in that waits for its second factor.
    static let challenge = "perennial_challenge"
    /// A single sign-on on its way.
    static let signOn = "perennial_sso"
    static let notice = "perennial_notice"

    /// HttpOnly and SameSite=Lax always; Secure when the console is reached over HTTPS. Without `seconds` the cookie
    /// ends with the browser.
    static func set(_ name: String, _ value: String, seconds: Int? = nil, secure: Bool) -> String {
        var text = "\(name)=\(value); Path=/; HttpOnly; SameSite=Lax"
        if let seconds { text += "; Max-Age=\(seconds)" }
        if secure { text += "; Secure" }
        return text
    }

    static func clear(_ name: String, secure: Bool) -> String {
        set(name, "", seconds: 0, secure: secure)
    }

    /// A cookie of a request, or nil.
    static func read(_ name: String, _ request: Request) -> String? {
        for header in request.headers[values: .cookie] {
            for pair in header.split(separator: ";") {
                let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard sides.count == 2, sides[0].trimmingPrefix(while: { $0 == " " }) == name else { continue }
                return String(sides[1])
            }
        }
        return nil
    }
}
