import Engine

/// Puts what a dialect says about page, campaign, device and call where Segment's specification has a place for it
/// (`context.page.url`, `context.campaign.source`, …), so that all dialects read alike downstream.
struct ContextWords {
    private var tree: [String: JSONValue] = [:]

    /// Sets `group.name`, or `name` at the top when `group` is empty. Nothing is set for null and empty texts.
    mutating func set(_ group: String, _ name: String, _ value: JSONValue?) {
        guard let value, value != .null, value != "" else { return }
        guard !group.isEmpty else {
            tree[name] = value
            return
        }
        var members = tree[group]?.objectValue ?? [:]
        members[name] = value
        tree[group] = .object(members)
    }

    mutating func set(_ group: String, _ name: String, _ text: String?) {
        set(group, name, text.map { JSONValue.string($0) })
    }

    /// Path, search and campaign, read from the address of the page where they are not told apart.
    mutating func setPage(url: String?) {
        guard let url, !url.isEmpty else { return }
        set("page", "url", url)
        let address = PageAddress(url)
        set("page", "path", address.path)
        set("page", "search", address.search)
        for (parameter, name) in Self.campaignParameters where tree["campaign"]?[name] == nil {
            set("campaign", name, address[parameter])
        }
        for name in Self.clickIDs { set("clickIds", name, address[name]) }
        set("", "channelCode", address["pn_code"])
    }

    var text: String { JSONValue.object(tree).text() }

    subscript(group: String) -> JSONValue? { tree[group] }

    /// Campaign parameters of addresses, and Segment's names for them.
    static let campaignParameters: [(parameter: String, name: String)] = [
        ("utm_source", "source"), ("utm_medium", "medium"), ("utm_campaign", "name"), ("utm_term", "term"),
        ("utm_content", "content"),
    ]
    /// Ids that ad platforms add to the address of a click.
    static let clickIDs = [
        "gclid", "gbraid", "wbraid", "fbclid", "msclkid", "ttclid", "twclid", "bd_vid", "gdt_vid", "qz_gdt", "clickid",
    ]
}

/// The parts of a page's address that are looked at.
struct PageAddress {
    private(set) var path: String
    private(set) var search: String?
    private var parameters: [String: String] = [:]

    private static let parametersMax = 64

    init(_ url: String) {
        let whole = url.prefix { $0 != "#" }
        let question = whole.firstIndex(of: "?")
        let place = whole[..<(question ?? whole.endIndex)]
        if let scheme = place.range(of: "://") {
            let rest = place[scheme.upperBound...]
            path = rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? "/"
        } else {
            path = String(place)
        }
        guard let question else { return }
        let query = whole[whole.index(after: question)...]
        search = query.isEmpty ? nil : "?" + query
        let form = FormFields(query.utf8, limit: Self.parametersMax)
        parameters = form.texts
    }

    subscript(parameter: String) -> String? {
        parameters[parameter].flatMap { $0.isEmpty ? nil : $0 }
    }
}

extension StringProtocol {
    fileprivate func range(of word: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(word) { return start..<index(start, offsetBy: word.count) }
            start = index(after: start)
        }
        return nil
    }
}
