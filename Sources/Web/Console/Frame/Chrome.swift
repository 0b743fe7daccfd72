import Engine

/// The frame around a page: who is there, where they are, where else they may go.
struct Chrome: Encodable, Sendable {
    var language: String
    var theme: String
    var title: String
    var workspace: String
    var stylesheet: String
    var script: String
    var modules: [String]
    var icons: String
    var mark: String
    var htmx: String?
    var charts: String?
    var currency: String
    var notice: String?
    var csrf: String
    var user: Visitor?
    var groups: [Group]
    var commands: [PaletteAction]
    var crumbs: [Crumb]
    var hasCrumbs: Bool
    /// The texts that the script says, as a JSON object safe inside a script element.
    var words: String
    var path: String
    var development: Bool

    struct Visitor: Encodable, Sendable {
        var name: String
        var email: String
        var role: String
        var initial: String
    }

    struct Group: Encodable, Sendable {
        var title: String?
        var items: [Item]
    }

    struct Item: Encodable, Sendable {
        var title: String
        var href: String
        var icon: String
        /// `page` where the visitor is, for `aria-current`; otherwise nil.
        var current: String?
        /// How much waits there for the visitor.
        var badge: String?
    }
}

extension Chrome {
    /// The frame for a page of somebody who is signed in.
    init(_ request: PageRequest, page: Page) {
        self.init(
            request.session, console: request.console, wording: request.wording, workspace: request.workspace,
            path: request.path, title: page.title)
        if let session = page.session { csrf = session.csrfToken }
        notice = request.notice.flatMap { request.wording.known($0) }
        groups = Chrome.menu(
            for: request.user.role, at: request.path, request.wording, waiting: request.waiting)
        crumbs = page.crumbs
        hasCrumbs = !page.crumbs.isEmpty
        charts = page.hasCharts ? request.console.assets.charts : nil
    }

    /// The frame for somebody who is signed in, without a page of the catalogue.
    init(
        _ session: Session, console: Console, wording: Wording, workspace: Workspace, path: String, title: String
    ) {
        self.init(console: console, wording: wording, workspace: workspace, path: path, title: title)
        theme = session.user.theme.rawValue
        csrf = session.csrfToken
        user = Visitor(
            name: session.user.name, email: session.user.email,
            role: wording.text("roles.\(session.user.role.rawValue)"),
            initial: String(session.user.name.prefix(1)).uppercased())
        groups = Chrome.menu(for: session.user.role, at: path, wording)
        commands = PaletteAction.all(for: session.user.role, wording)
    }

    /// The frame for a page before sign-in.
    init(console: Console, wording: Wording, workspace: Workspace, path: String, title: String) {
        language = wording.language
        theme = User.Theme.system.rawValue
        self.title = title
        self.workspace = workspace.name
        stylesheet = console.assets.stylesheet
        script = console.assets.script
        modules = console.assets.modules
        icons = console.assets.icons
        mark = console.assets.mark
        htmx = console.assets.htmx
        charts = nil
        currency = workspace.currency
        csrf = ""
        groups = []
        commands = []
        crumbs = []
        hasCrumbs = false
        words = Chrome.words(wording)
        self.path = path
        development = console.configuration.development
    }

    /// Keys are what the modules of `Assets/js` ask for.
    private static func words(_ wording: Wording) -> String {
        let said: [String: JSONValue] = [
            "copied": .string(wording.text("frame.copied")), "failed": .string(wording.text("frame.failed")),
            "offline": .string(wording.text("frame.offline")), "pages": .string(wording.text("frame.pages")),
            "actions": .string(wording.text("frame.actions")),
            "people": .string(wording.text("frame.people")), "from": .string(wording.text("frame.from")),
            "to": .string(wording.text("frame.to")), "download": .string(wording.text("frame.download")),
            "open": .string(wording.text("frame.open")), "running": .string(wording.text("work.running")),
            "finished": .string(wording.text("work.finished")),
            "searching": .string(wording.text("frame.searching")),
            "nothing": .string(wording.text("frame.search_nothing")),
        ]
        return JSONValue.object(said).scriptText
    }

    /// - Parameter waiting: how much waits, by the path of the page.
    private static func menu(
        for role: Role, at path: String, _ wording: Wording, waiting: [String: Int64] = [:]
    ) -> [Group] {
        // Of places within each other the inner one is where the visitor is.
        let places = ConsoleCatalog.routes.filter { $0.navigation != nil }.map(\.path)
        let here = places.filter { path == $0 || ($0 != "/" && path.hasPrefix($0 + "/")) }.max { $0.count < $1.count }
        return ConsoleRoute.Navigation.Group.allCases.compactMap { group in
            let items = ConsoleCatalog.routes.compactMap { route -> Item? in
                guard let place = route.navigation, place.group == group, role.may(route.permission) else {
                    return nil
                }
                return Item(
                    title: wording.text(place.titleKey), href: route.path, icon: place.icon,
                    current: route.path == here ? "page" : nil,
                    badge: (waiting[route.path]).flatMap { $0 > 0 ? wording.number($0) : nil })
            }
            guard !items.isEmpty else { return nil }
            return Group(title: group == .today ? nil : wording.text("frame.group_\(group.rawValue)"), items: items)
        }
    }
}
