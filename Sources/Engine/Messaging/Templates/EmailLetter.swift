/// A letter as it is sent: subject, HTML and plain text of the same.
package struct EmailLetter: Sendable, Equatable {
    package var subject: String
    package var html: String
    package var text: String
    /// Places of the parts that say nothing to this person.
    package var hidden: [Int]

    package init(subject: String, html: String, text: String, hidden: [Int] = []) {
        self.subject = subject
        self.html = html
        self.text = text
        self.hidden = hidden
    }
}

/// The words of a letter that no marketer writes.
package struct LetterWords: Sendable {
    package var language: String
    package var unsubscribe: String
    package var preferences: String

    package static func of(_ language: String) -> LetterWords {
        language == "zh-Hans"
            ? LetterWords(language: language, unsubscribe: "退订", preferences: "管理订阅")
            : LetterWords(language: "en", unsubscribe: "Unsubscribe", preferences: "Preferences")
    }
}

/// Makes blocks into a letter: Liquid first, then a small markup (`**bold**`, `*italic*`, `[words](address)`), then tables
/// with styles in place, which is what programs for mail understand.
struct EmailWriter {
    let values: [String: JSONValue]
    let clock: LiquidRenderer.Clock
    let words: LetterWords
    /// What a link in the letter becomes.
    let link: (String) -> String
    let unsubscribeURL: String
    let preferencesURL: String
    /// A picture that tells that the letter was opened.
    let openURL: String?
    var isDark = false
    var shelf = TemplateShelf()

    private struct Made {
        var html = ""
        var text: [String] = []
        var hidden: [Int] = []
    }

    /// Throws: `LiquidError`.
    func letter(_ variant: TemplateContent.Variant) throws -> EmailLetter {
        let subject = Self.oneLine(try plain(variant.subject))
        let preheader = try plain(variant.preheader)
        let made = try blocks(variant.blocks, depth: 0)
        return EmailLetter(
            subject: subject,
            html: EmailPage.html(
                title: subject, preheader: preheader, body: made.html, language: words.language, isDark: isDark,
                openURL: openURL),
            text: made.text.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n", hidden: made.hidden)
    }

    private static func oneLine(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
        return text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    func plain(_ source: String) throws -> String { try render(source, escape: nil) }

    /// With the signs of the markup made harmless in what values say.
    private func marked(_ source: String) throws -> String { try render(source, escape: EmailMarkup.escaped) }

    private func render(_ source: String, escape: (@Sendable (String) -> String)?) throws -> String {
        // Most addresses and many words have no Liquid in them.
        let isLiquid = source.utf8.contains(UInt8(ascii: "{")) || source.utf8.count > LiquidLimits.sourceBytes
        return isLiquid ? try LiquidRenderer.render(shelf.text(source), values, clock, escape: escape) : source
    }

    private func blocks(_ blocks: [EmailBlock], depth: Int) throws -> Made {
        var made = Made()
        for (place, block) in blocks.enumerated() {
            let isMeant = try block.when.isEmpty || plain("{% if \(block.when) %}1{% endif %}") == "1"
            let one = isMeant ? try write(block, depth: depth) : Made()
            if one.html.isEmpty { made.hidden.append(place) }
            made.html += one.html
            made.text += one.text
        }
        return made
    }

    private func write(_ block: EmailBlock, depth: Int) throws -> Made {
        let (text, value) = (try marked(block.text), try plain(block.told))
        let url = try address(block.url)
        switch block.kind {
        case .heading:
            return Made(
                html: EmailPage.row(
                    "<h1 class=\"h\" style=\"\(EmailPage.heading)\">\(EmailMarkup.html(text, link))</h1>"),
                text: [EmailMarkup.text(text)])
        case .text:
            let paragraphs = EmailMarkup.paragraphs(text).map {
                "<p class=\"t\" style=\"\(EmailPage.paragraph)\">\(EmailMarkup.html(String($0), link))</p>"
            }
            return Made(html: EmailPage.row(paragraphs.joined()), text: [EmailMarkup.text(text)])
        case .image:
            guard let source = try address(block.image) else { return Made() }
            let alt = HTMLText.escaped(EmailMarkup.text(text))
            let picture = EmailPage.picture(source, alt: alt)
            return Made(
                html: EmailPage.row(url.map { EmailPage.anchor(link($0), picture) } ?? picture),
                text: [EmailMarkup.text(text)])
        case .button:
            guard let url else { return Made() }
            return Made(
                html: EmailPage.row(EmailPage.button(link(url), EmailMarkup.html(text, link))),
                text: ["\(EmailMarkup.text(text)): \(link(url))"])
        case .product: return try product(block, text, value, url)
        case .coupon, .points, .tier:
            // Nothing to tell: a person without a coupon, or who is no member.
            guard !value.isEmpty else { return Made() }
            let inside = EmailPage.panel(
                EmailMarkup.html(text, link), HTMLText.escaped(value), isCode: block.kind == .coupon)
            return Made(
                html: EmailPage.row(
                    inside + (url.map { EmailPage.button(link($0), HTMLText.escaped(words.more)) } ?? "")),
                text: ["\(EmailMarkup.text(text))\n\(value)" + (url.map { "\n" + link($0) } ?? "")])
        case .divider: return Made(html: EmailPage.row(EmailPage.divider), text: ["--------"])
        case .columns:
            guard depth == 0 else { return Made() }
            let columns = try block.columns.prefix(3).map { try self.blocks($0, depth: 1) }
            return Made(html: EmailPage.columns(columns.map(\.html)), text: columns.flatMap(\.text))
        case .footer: return footer(text)
        }
    }

    private func product(_ block: EmailBlock, _ text: String, _ value: String, _ url: String?) throws -> Made {
        let name = EmailMarkup.text(text)
        guard !name.isEmpty else { return Made() }
        var html = ""
        if let source = try address(block.image) {
            let picture = EmailPage.picture(source, alt: HTMLText.escaped(name))
            html += url.map { EmailPage.anchor(link($0), picture) } ?? picture
        }
        let title = EmailMarkup.html(text, link)
        html +=
            "<p class=\"h\" style=\"\(EmailPage.strong)\">\(url.map { EmailPage.anchor(link($0), title) } ?? title)</p>"
        if !value.isEmpty { html += "<p class=\"t\" style=\"\(EmailPage.paragraph)\">\(HTMLText.escaped(value))</p>" }
        let words = [name, value, url.map(link) ?? ""].filter { !$0.isEmpty }
        return Made(html: EmailPage.row(html), text: [words.joined(separator: "\n")])
    }

    private func footer(_ text: String) -> Made {
        var links: [(String, String)] = []
        if !unsubscribeURL.isEmpty { links.append((words.unsubscribe, unsubscribeURL)) }
        if !preferencesURL.isEmpty { links.append((words.preferences, preferencesURL)) }
        let anchors = links.map {
            "<a class=\"s\" style=\"\(EmailPage.small)\" href=\"\(HTMLText.escaped($0.1))\">\(HTMLText.escaped($0.0))</a>"
        }
        let html =
            "<p class=\"s\" style=\"\(EmailPage.small)\">\(EmailMarkup.html(text, link))</p>"
            + "<p class=\"s\" style=\"\(EmailPage.small)\">\(anchors.joined(separator: " · "))</p>"
        return Made(
            html: EmailPage.row(html),
            text: [EmailMarkup.text(text), links.map { "\($0.0): \($0.1)" }.joined(separator: "\n")])
    }

    /// Nil for anything that is no address of the web, or of mail and telephones.
    private func address(_ source: String) throws -> String? {
        let text = try plain(source).trimmed
        return text.isLink ? text : nil
    }
}

extension LetterWords {
    var more: String { language == "zh-Hans" ? "查看" : "Open" }
}

extension String {
    /// Without blanks at both ends.
    var trimmed: String { Whitespace.trim(self) }

    /// Its beginning in small letters, long enough to tell an address by: the rest may be long.
    var scheme: String { String(decoding: utf8.prefix(12), as: UTF8.self).lowercased() }

    /// Whether it is an address of the web, or of mail and telephones.
    var isLink: Bool {
        let scheme = scheme
        return scheme.hasPrefix("https://") || scheme.hasPrefix("http://") || scheme.hasPrefix("mailto:")
            || scheme.hasPrefix("tel:")
    }
}
