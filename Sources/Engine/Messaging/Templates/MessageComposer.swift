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
        package var preheader = ""
        /// Places of the parts of a letter that say nothing to this person.
        package var hidden: [Int] = []
        package var content: ProviderTemplate?
        package var shownURL = ""
    }

    /// `variant`: nil for the person's own; `optIn`: what the letter asks to confirm. Throws: `LiquidError`, `TemplateError`.
    package func make(
        message: Int64, _ person: RecipientFacts, _ values: [String: JSONValue], variant name: String? = nil,
        optIn: Int64? = nil, isTest: Bool = false, isDark: Bool = false
    ) throws -> Made {
        let chosen =
            content.variants.first { $0.name == name }
            ?? content.variant(of: person.profileID, template: template.id)
        guard let variant = chosen else { throw TemplateError.notPublished }
        let leave = links.preferences(message, profile: person.profileID)
        var values = values
        values["unsubscribe_url"] = .string(leave)
        values["preferences_url"] = .string(leave)
        values[OptInLetter.name] = .string(links.confirm(optIn ?? 0))
        let agreed = person.state.value("tracking_consent")?.boolValue
        let mayFollow = !isTest && (policy.trackingNeedsConsent ? agreed == true : agreed != false)
        let (campaign, medium) = (policy.addsUTM ? template.name : nil, template.channel)
        // A group send is one text for many: a link of each person's own would make a task of each.
        let isFollowed = policy.tracksClicks && mayFollow && template.channel != WeCom.channelName
        let confirming = links.address + "/confirm/"
        // A button says its address twice, a product three times. Texts that mean the same are equal though their bytes
        // are not, so only ASCII is looked up.
        var known: [String: String] = [:]
        let link: (String) -> String = { address in
            let isPlain = address.utf8.allSatisfy { $0 < 0x80 }
            if isPlain, let made = known[address] { return made }
            // What people say about messages is nobody's click.
            let isOurs = address == leave || address.hasPrefix(confirming)
            guard address.scheme.hasPrefix("http"), !isOurs else { return address }
            let marked = campaign.map { shelf.marked(address, campaign: $0, medium: medium) } ?? address
            let made = isFollowed ? links.click(message, to: marked) : marked
            if isPlain { known[address] = made }
            return made
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
            (made.preheader, made.hidden) = (try writer.plain(variant.preheader), letter.hidden)
            made.unsubscribeURL = template.isTransactional ? "" : leave
        case "inbox":
            (made.subject, made.text) = (try writer.plain(variant.subject), try writer.plain(variant.body))
            let address = try writer.plain(variant.link)
            made.link = address.isEmpty ? "" : link(address)
        case "push":
            (made.subject, made.text) = (try writer.plain(variant.subject), try writer.plain(variant.body))
            let address = try writer.plain(variant.link)
            made.link = address.isEmpty ? "" : link(address)
            made.content = try content(variant, writer) { $0 }
            made.shownURL = mayFollow ? links.shown(message) : ""
        case "webhook": made.text = try writer.plain(variant.body)
        case "wechat", "wecom":
            (made.subject, made.text) = (try writer.plain(variant.subject), try writer.plain(variant.body))
            let address = try writer.plain(variant.link).trimmed
            made.link = address.isEmpty ? "" : link(address)
            made.content = try content(variant, writer) { $0 }
            if let content = made.content, !content.text.isEmpty { made.text = content.filled }
        default:
            // What a provider carries: its own template with values, or else our words.
            made.content = try content(variant, writer, template.channel == "sms" ? { $0 } : link)
            if let content = made.content, !content.text.isEmpty {
                made.text = content.filled
            } else {
                made.text = try writer.plain(variant.body)
            }
        }
        return made
    }

    /// The provider's template with the values of this person. `link` makes of a value that is an address as a whole
    /// one that is followed; in a text message it would be longer than what it leads to.
    private func content(
        _ variant: TemplateContent.Variant, _ writer: EmailWriter, _ link: (String) -> String
    ) throws -> ProviderTemplate? {
        guard var made = variant.provider else { return nil }
        for index in made.parameters.indices {
            let value = try writer.plain(made.parameters[index].value).trimmed
            let isAddress = value.hasPrefix("https://") && !value.contains(" ")
            made.parameters[index].value = isAddress ? link(value) : value
        }
        for (key, value) in made.options { made.options[key] = try writer.plain(value).trimmed }
        return made
    }

    /// With `utm_…` where the address has none.
    static func marked(_ address: String, campaign: String, medium: String) -> String {
        guard var parts = URLComponents(string: address), parts.host != nil else { return address }
        var items = parts.queryItems ?? []
        guard !items.contains(where: { $0.name.hasPrefix("utm_") }) else { return address }
        items += [
            URLQueryItem(name: "utm_source", value: "perennial"), URLQueryItem(name: "utm_medium", value: medium),
            URLQueryItem(name: "utm_campaign", value: campaign),
        ]
        parts.queryItems = items
        return parts.string ?? address
    }
}

extension OutgoingMessage {
    /// What was made, for a person who is reached there.
    package init(
        _ id: Int64, to person: RecipientFacts, at address: String, _ made: MessageComposer.Made, templateID: Int64 = 0
    ) {
        self.init(
            id: id, profileID: person.profileID, address: address, subject: made.subject, html: made.html,
            text: made.text, link: made.link, unsubscribeURL: made.unsubscribeURL, templateID: templateID,
            content: made.content, shownURL: made.shownURL)
    }
}
