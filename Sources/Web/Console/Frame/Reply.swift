import Engine
import HTTPTypes
import Hummingbird

/// What a handler answers; `ConsoleRoutes` turns it into bytes.
package enum Reply: Sendable {
    /// A whole page in the frame.
    case page(Page)
    /// A piece of a page, for htmx.
    case panel(template: String, model: any PageModel)
    /// To another page of the console, with a text key to show there once.
    /// `session` goes into the cookie in place of the one before (rotation).
    case redirect(to: String, notice: String? = nil, session: OpenedSession? = nil)
    /// A JSON text.
    case json(String, status: HTTPResponse.Status = .ok)
    /// A file on this machine, to be kept by the browser's owner.
    case file(name: String, type: String, path: String)
    /// The same, deleted here as soon as it is opened for sending.
    case temporaryFile(name: String, type: String, path: String)
    /// A file that is written while it is sent.
    case download(name: String, type: String, ResponseBody)
    /// A picture of a page of ours.
    case picture(type: String, [UInt8])
    /// A page of its own, styled in place, that can load and run nothing: a letter as its readers see it.
    case letter(String)
    /// As a letter, for a frame in a page of ours; its pictures are shown.
    case framed(String)
    /// Server-sent events (WHATWG HTML §9.2), for as long as the body goes on.
    case events(ResponseBody)
}

/// One page: which template, what it is called, how one gets back up, and its facts.
package struct Page: Sendable {
    var template: String
    var title: String
    var crumbs: [Crumb]
    var model: any PageModel
    var status: HTTPResponse.Status
    /// Loads the charts library.
    var hasCharts: Bool
    /// Origins of other sites' pages that it may show in a frame.
    var frames: [String] = []
    /// Goes into the cookie in place of the one before (rotation).
    var session: OpenedSession?

    package init(
        _ template: String, title: String, crumbs: [Crumb] = [], model: any PageModel,
        status: HTTPResponse.Status = .ok, hasCharts: Bool = false
    ) {
        self.template = template
        self.title = title
        self.crumbs = crumbs
        self.model = model
        self.status = status
        self.hasCharts = hasCharts
    }
}

/// One step of the way down to a page.
package struct Crumb: Encodable, Sendable {
    var title: String
    var href: String

    package init(_ title: String, _ href: String) {
        self.title = title
        self.href = href
    }
}
