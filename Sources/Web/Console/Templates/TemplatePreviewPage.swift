import Engine

/// The document in the editor's frame: above the message what a program for mail shows of it, and for whom it was made.
struct TemplatePreviewPage {
    let request: PageRequest
    let isDark: Bool

    init(_ request: PageRequest, isDark: Bool) {
        self.request = request
        self.isDark = isDark
    }

    /// The way its channel shows it.
    func shown(_ made: TemplatePreview.Made, asText: Bool) -> String {
        if asText { return plain(made) }
        if !made.message.html.isEmpty { return letter(made) }
        switch made.channel {
        case "email", "webhook": return plain(made)
        case "sms": return note(made)
        default: return item(made)
        }
    }

    private func letter(_ made: TemplatePreview.Made) -> String {
        let html = made.message.html
        guard let body = html.firstRange(of: "<body"), let end = html[body.upperBound...].firstIndex(of: ">") else {
            return html
        }
        let after = html.index(after: end)
        return String(html[..<after]) + head(made) + String(html[after...])
    }

    /// Subject, text and link one after the other.
    private func plain(_ made: TemplatePreview.Made) -> String {
        let message = made.message
        let words = [message.subject, message.text, message.link].filter { !$0.isEmpty }.joined(separator: "\n\n")
        return page(head(made) + "<pre>\(HTMLText.escaped(words))</pre>")
    }

    /// As an app shows it in its inbox, a chat or a notification.
    private func item(_ made: TemplatePreview.Made) -> String {
        let message = made.message
        let link = HTMLText.escaped(message.link)
        // What a provider approved stands by itself.
        let subject = message.content?.code.isEmpty == false ? "" : message.subject
        return page(
            head(made) + "<article>"
                + (subject.isEmpty ? "" : "<h1>\(HTMLText.escaped(subject))</h1>")
                + "<p>\(HTMLText.escaped(message.text))</p>"
                + (link.isEmpty ? "" : "<p class=\"link\">\(link)</p>") + "</article>")
    }

    /// A text message with what it counts and costs.
    private func note(_ made: TemplatePreview.Made) -> String {
        let text = SMSChannel.whole(made.message.text, signature: made.message.content?.signature ?? "")
        let (home, abroad) = (SMSLength(text, isMainland: true), SMSLength(text, isMainland: false))
        let lines = [length("home", home, made), length(abroad.coding.rawValue, abroad, made)]
        return page(
            head(made) + "<article><p>\(HTMLText.escaped(text))</p></article>"
                + "<p class=\"count\">\(lines.map { HTMLText.escaped($0) }.joined(separator: "<br>"))</p>")
    }

    private func length(_ word: String, _ length: SMSLength, _ made: TemplatePreview.Made) -> String {
        let said = request.text(
            "template.length_\(word)",
            ["units": request.wording.number(length.units), "parts": request.wording.number(length.parts)])
        guard made.priceMicro > 0 else { return said }
        return said + " · \(request.workspace.currency) " + MicroAmount.text(made.priceMicro * Int64(length.parts))
    }

    func problem(_ words: String) -> String { page("<p class=\"problem\">\(HTMLText.escaped(words))</p>") }

    private func head(_ made: TemplatePreview.Made) -> String {
        var lines = [line("template.to", name(made.person, made.channel))]
        if !made.message.html.isEmpty {
            lines.insert(line("template.from", made.sender), at: 0)
            lines.append("<b>\(HTMLText.escaped(made.message.subject))</b>")
            if !made.message.preheader.isEmpty { lines.append(HTMLText.escaped(made.message.preheader)) }
        }
        if !made.isFound { lines.append(warning(request.text("template.person_unknown"))) }
        if !made.hidden.isEmpty {
            let parts = made.hidden.map { request.text("template.block_\($0.rawValue)") }
            let joined = parts.joined(separator: request.wording.language == "zh-Hans" ? "、" : ", ")
            lines.append(warning(request.text("template.hidden", ["parts": joined])))
        }
        let colours =
            isDark
            ? "background:#1d1d1d;color:#d8d8d8;border-color:#3a3a3a" : "background:#fff;color:#333;border-color:#ddd"
        return "<div style=\"\(Self.bar);\(colours)\">\(lines.joined(separator: "<br>"))</div>"
    }

    private static let bar =
        "font:13px/1.6 system-ui,sans-serif;padding:10px 16px;border-bottom:1px solid;text-align:left;"
        + "overflow-wrap:anywhere"

    private func line(_ key: String, _ value: String) -> String {
        "<span style=\"opacity:.75\">\(HTMLText.escaped(request.text(key)))</span> \(HTMLText.escaped(value))"
    }

    private func warning(_ words: String) -> String {
        "<span style=\"color:\(isDark ? "#e5b454" : "#8a5a00")\">\(HTMLText.escaped(words))</span>"
    }

    private func name(_ person: RecipientFacts, _ channel: String) -> String {
        let addresses: [String] =
            switch channel {
            case "email": person.emails
            case "sms", "whatsapp": person.phones
            default: []
            }
        let address = addresses.first
        let known = [person.displayName, address ?? ""].filter { !$0.isEmpty }.joined(separator: " · ")
        return known.isEmpty ? PersonName(person.profile, request.wording).text : known
    }

    private func page(_ body: String) -> String {
        let (ground, ink, paper) = isDark ? ("#121212", "#e8e8e8", "#1d1d1d") : ("#f2f2f2", "#222", "#fff")
        return """
            <!doctype html><html lang="\(request.wording.language)"><head><meta charset="utf-8"><style>\
            body{margin:0;background:\(ground);color:\(ink);font:15px/1.6 system-ui,sans-serif}\
            pre{font:14px/1.6 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere;margin:16px}\
            article{margin:16px;padding:16px;border-radius:12px;background:\(paper);overflow-wrap:anywhere}\
            h1{font-size:17px;margin:0 0 6px}p{margin:0;white-space:pre-line}\
            .link{margin-top:10px;color:\(isDark ? "#8ab4f8" : "#0b57d0")}\
            .count{margin:0 16px 16px;font-size:13px;opacity:.75}.problem{padding:16px}\
            </style></head><body>\(body)</body></html>
            """
    }
}
