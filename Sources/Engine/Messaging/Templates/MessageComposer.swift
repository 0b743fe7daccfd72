import Foundation

/// Makes one message for one person, as it leaves.
package struct MessageComposer: Sendable {
    package let template: MessageTemplate
    package let content: TemplateContent
    package let policy: MessagePolicy
    package let links: MessageLinks
    package let now: Timestamp
    /// Which of `TemplateValues.parts` the template asks for.
    let asked: Set<String>
    private let shelf: TemplateShelf

    package init(
        template: MessageTemplate, content: TemplateContent, policy: MessagePolicy, links: MessageLinks, now: Timestamp,
        shelf: TemplateShelf = TemplateShelf()
    ) {
        self.template = template
        self.content = content
        self.policy = policy
        self.links = links
        self.now = now
        self.shelf = shelf
        asked = TemplateValues.parts.filter { content.mentions($0) }
    }

    package struct Made: Sendable, Equatable {
        package var variant: String
        package var subject: String
        package var html = ""
        package var text: String
        package var link = ""
        package var unsubscribeURL = ""
    }

    /// `variant`: nil for the person's own. Throws: `LiquidError`, `TemplateError`.
    package func make(
        message: Int64, _ person: RecipientFacts, _ values: [String: JSONValue], variant name: String? = nil,
        isTest: Bool = false, isDark: Bool = false
    ) throws -> Made {
        let chosen =
            content.variants.first { $0.name == name }
            ?? content.variant(of: person.profileID, template: template.id)
        guard let variant = chosen else { throw TemplateError.notPublished }
        let leave = links.preferences(message, profile: person.profileID)
        var values = values
        values["unsubscribe_url"] = .string(leave)
        values["preferences_url"] = .string(leave)
        let agreed = person.state.value("tracking_consent")?.boolValue
        let mayFollow = !isTest && (policy.trackingNeedsConsent ? agreed == true : agreed != false)
        let (maker, campaign) = (links, policy.addsUTM ? template.name : nil)
        let isFollowed = policy.tracksClicks && mayFollow
        let link: @Sendable (String) -> String = { address in
            guard address.lowercased().hasPrefix("http") else { return address }
            let marked = campaign.map { Self.marked(address, campaign: $0) } ?? address
            return isFollowed ? maker.click(message, to: marked) : marked
        }
        let writer = EmailWriter(
            values: values, clock: LiquidRenderer.Clock(now: now, calendar: person.calendar),
            words: .of(person.language), link: link, unsubscribeURL: template.isTransactional ? "" : leave,
            preferencesURL: leave, openURL: policy.tracksOpens && mayFollow ? links.open(message) : nil, isDark: isDark,
            shelf: shelf)
        var made = Made(variant: variant.name, subject: "", text: "")
        switch template.channel {
        case "email":
            let letter = try writer.letter(variant)
            (made.subject, made.html, made.text) = (letter.subject, letter.html, letter.text)
            made.unsubscribeURL = template.isTransactional ? "" : leave
        case "inbox":
            (made.subject, made.text) = (try writer.plain(variant.subject), try writer.plain(variant.body))
            let address = try writer.plain(variant.link)
            made.link = address.isEmpty ? "" : link(address)
        default:
            made.text = try writer.plain(variant.body)
        }
        return made
    }

    /// With `utm_…` where the address has none.
    static func marked(_ address: String, campaign: String) -> String {
        guard var parts = URLComponents(string: address), parts.host != nil else { return address }
        var items = parts.queryItems ?? []
        guard !items.contains(where: { $0.name.hasPrefix("utm_") }) else { return address }
        items += [
            URLQueryItem(name: "utm_source", value: "perennial"), URLQueryItem(name: "utm_medium", value: "email"),
            URLQueryItem(name: "utm_campaign", value: campaign),
        ]
        parts.queryItems = items
        return parts.string ?? address
    }
}
