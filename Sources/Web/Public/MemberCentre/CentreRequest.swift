import Engine
import HTTPTypes
import Hummingbird

/// One request of a member who came in. Only `CentreVisit` makes one.
struct CentreRequest: Sendable {
    let console: Console
    let session: CentreSession
    let settings: CentreSettings
    let workspace: Workspace
    let wording: Wording
    let path: String
    let parameters: [String: String]
    let query: Fields
    let form: Fields
    let now: Timestamp

    var platform: Platform { console.platform }
    var account: MemberAccount { session.account }
    var language: CriteriaLanguage { CriteriaLanguage(wording.language) }

    /// The number in the path under a name. Throws: `PageFailure.notFound`.
    func id(_ name: String) throws -> Int64 {
        guard let id = parameters[name].flatMap({ Int64($0) }) else { throw PageFailure.notFound }
        return id
    }

    func text(_ key: String, _ values: [String: String] = [:], count: Int64? = nil) -> String {
        wording.text(key, values, count: count)
    }

    /// A new key of a form, so that sent twice it counts once.
    func newKey() -> String { platform.effects.randomHex(bytes: 12) }

    /// The last day with what ends at a moment.
    func lastDay(_ end: Timestamp) -> String { wording.date(end.adding(milliseconds: -1)) }
}

/// What a handler answers.
enum CentreReply: Sendable {
    case page(CentrePage)
    /// To another page, with a text key to show there once.
    case redirect(to: String, notice: String? = nil)
    case download(name: String, type: String, ResponseBody)
    /// The session is over.
    case left
}

struct CentrePage: Sendable {
    var template: String
    var title: String
    /// Which part of the bottom bar it belongs to.
    var place: String
    var model: any PageModel
    var status: HTTPResponse.Status
    /// One step up; nil at home.
    var back: String?

    init(
        _ template: String, title: String, place: String, back: String? = "/m", model: any PageModel,
        status: HTTPResponse.Status = .ok
    ) {
        self.template = "centre/" + template
        self.title = title
        self.place = place
        self.back = back
        self.model = model
        self.status = status
    }
}

/// What a template of the member centre sees.
struct CentreContext {
    var chrome: CentreFrame
    var t: [String: [String: String]]
    var page: any PageModel
}

/// The frame around a page.
struct CentreFrame: Encodable, Sendable {
    struct Place: Encodable, Sendable {
        var title: String
        var href: String
        var icon: String
        /// `page` where the member is.
        var current: String?
    }

    var language: String
    var title: String
    var brand: String
    var stylesheet: String
    var brandStyle: String
    var icon: String
    var icons: String
    var csrf: String
    var places: [Place]
    var hasPlaces: Bool
    var notice: String?
    var isPreview: Bool
    var back: String?
    var isKnown: Bool
    /// The page that a choice of language opens; empty: this one.
    var languagePath: String
}
