import Engine
import Storage

/// What the brand wrote to the member, the newest first.
struct CentreInboxModel: PageModel {
    struct Row: Encodable, Sendable {
        var id: String
        var title: String
        var excerpt: String?
        var time: String
        var isUnread: Bool
    }

    var rows: [Row]
    var isEmpty: Bool
    /// How many are unread; nil: none.
    var unread: String?
    /// When the page was made, in ms: what comes later stays unread.
    var seen: String
    var mayMark: Bool
    /// Whoever only looks opens nothing.
    var isPreview: Bool
    var next: String?
    var first: String?
}

/// One message with where it leads.
struct CentreMessageModel: PageModel {
    var id: String
    var time: String
    var paragraphs: [String]
    var link: String?
    var mayMark: Bool
}

/// The inbox: looking changes nothing; a message is opened by its button and read from then on.
enum CentreInboxPages {
    private static let rowsShown = 20
    private static let excerptCharacters = 120

    static func list(_ request: CentreRequest) async throws -> CentreReply {
        let profile = request.session.profileID
        let before = request.query.int("before").map { (ms: $0, id: request.query.int("id") ?? .max) }
        let found = try await request.platform.store.read { connection in
            (
                items: try InboxItem.list(profile, before: before, limit: rowsShown + 1, connection),
                unread: try InboxItem.unread(profile, connection)
            )
        }
        let page = Array(found.items.prefix(rowsShown))
        let isPreview = request.session.isPreview
        let model = CentreInboxModel(
            rows: page.map { row($0, request) }, isEmpty: page.isEmpty,
            unread: found.unread > 0 ? request.text("centre.inbox_unread", count: found.unread) : nil,
            seen: String(request.now.milliseconds), mayMark: found.unread > 0 && !isPreview, isPreview: isPreview,
            next: found.items.count > rowsShown
                ? page.last.map { "/m/inbox?before=\($0.createdAt.milliseconds)&id=\($0.id)" } : nil,
            first: before == nil ? nil : "/m/inbox")
        return .page(CentrePage("inbox", title: request.text("centre.place_inbox"), place: "home", model: model))
    }

    static func one(_ request: CentreRequest) async throws -> CentreReply {
        let (id, profile) = (try request.id("message"), request.session.profileID)
        let item = try await request.platform.store.read { try InboxItem.get(id, of: profile, $0) }
        let model = CentreMessageModel(
            id: String(id), time: request.wording.dateTime(item.createdAt),
            paragraphs: item.body.split(whereSeparator: \.isNewline).filter { !isBlank($0) }.map { String($0) },
            link: shown(item.link), mayMark: item.readAt == nil && !request.session.isPreview)
        return .page(
            CentrePage("message", title: title(item, request), place: "home", back: "/m/inbox", model: model))
    }

    static func read(_ request: CentreRequest) async throws -> CentreReply {
        let id = try request.id("message")
        try await CentreInbox.read(id, request.session, request.platform)
        return .redirect(to: "/m/inbox/\(id)")
    }

    static func markRead(_ request: CentreRequest) async throws -> CentreReply {
        guard let seen = request.form.int("seen") else { throw CentreError.form(field: "seen") }
        let moment = Timestamp(milliseconds: seen)
        try await CentreInbox.markRead(until: moment, request.session, request.platform)
        return .redirect(to: "/m/inbox", notice: "centre.inbox_all_read")
    }

    // MARK: -

    private static func row(_ item: InboxItem, _ request: CentreRequest) -> CentreInboxModel.Row {
        CentreInboxModel.Row(
            id: String(item.id), title: short(title(item, request)),
            excerpt: isBlank(item.body) ? nil : short(item.body),
            time: request.wording.dateTime(item.createdAt), isUnread: item.readAt == nil)
    }

    private static func title(_ item: InboxItem, _ request: CentreRequest) -> String {
        isBlank(item.title) ? request.text("centre.inbox_untitled") : item.title
    }

    private static func isBlank(_ text: some StringProtocol) -> Bool { text.allSatisfy(\.isWhitespace) }

    /// On one line, cut where the list would grow too heavy.
    private static func short(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count > excerptCharacters ? String(line.prefix(excerptCharacters)) + "…" : line
    }

    /// An address of the web, mostly a signed one that counts the click, or a page of the member centre. Any other leads
    /// somewhere in the brand's own app.
    private static func shown(_ link: String) -> String? {
        let lower = link.lowercased()
        let isKnown =
            lower.hasPrefix("https://") || lower.hasPrefix("http://") || link == "/m" || link.hasPrefix("/m/")
        return isKnown ? link : nil
    }
}
