import Engine
import Foundation
import Storage
import Testing

@testable import Web

@Suite("Pages of templates, broadcasts and sending") struct TemplatePageTests {
    private static func make(_ browser: Browser) async throws -> String {
        _ = try await browser.get("/templates")
        return try await browser.post(
            "/templates", ["name": "Welcome", "channel": "email", "topic": "offers"]
        ).location
    }

    /// The fields of the editor as they stand.
    private static func fields(_ html: String) throws -> [String: String] {
        var fields: [String: String] = [:]
        let form = try #require(html.range(of: "id=\"editor\"")).upperBound
        let end = try #require(html.range(of: "</form>", range: form..<html.endIndex)).lowerBound
        let text = String(html[form..<end])
        for match in text.matches(of: /<input[^>]*name="([a-z0-9_]+)"[^>]*value="([^"]*)"/) {
            fields[String(match.1)] = plain(String(match.2))
        }
        for match in text.matches(of: /<textarea[^>]*name="([a-z0-9_]+)"[^>]*>([^<]*)</) {
            fields[String(match.1)] = plain(String(match.2))
        }
        fields["topic"] = "offers"
        fields["transactional"] = nil
        return fields
    }

    private static func plain(_ text: String) -> String {
        text.replacing("&quot;", with: "\"").replacing("&lt;", with: "<").replacing("&gt;", with: ">")
            .replacing("&#39;", with: "'").replacing("&amp;", with: "&")
    }

    @Test("a template is written part by part, looked at, refused while it is wrong, and published")
    func life() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .marketer)
            #expect(try await browser.get("/templates").text.contains("No templates yet"))
            #expect(try await browser.post("/templates", ["name": "", "channel": "email"]).status == 422)
            let path = try await Self.make(browser)
            var page = try await browser.get(path).text
            #expect(page.contains("Draft") && page.contains("name=\"b3_kind\" value=\"footer\""))
            var form = try Self.fields(page)
            form["act"] = "add:columns"
            #expect(try await browser.post(path, form).location.contains("#block-3"))
            page = try await browser.get(path).text
            #expect(page.contains("name=\"b3_c1_text\"") && page.contains("name=\"b4_kind\" value=\"footer\""))
            form = try Self.fields(page)
            form["act"] = "publish"
            form["subject"] = "Hi {{ persn.name }}"
            let wrong = try await browser.post(path, form)
            #expect(wrong.status == 422 && wrong.text.contains("there is nothing called “persn”"))
            form["subject"] = "Hi {{ person.name }}"
            form["b3_c0_text"] = "Left"
            let linkless = try await browser.post(path, form)
            #expect(linkless.status == 422 && linkless.text.contains("a button without a link"))
            form["b2_url"] = "https://shop.example/spring"
            #expect(try await browser.post(path, form).status == 303)
            #expect(try await browser.get(path).text.contains("Version 1"))
            let stale = try await browser.post(path, form)
            #expect(stale.status == 422 && stale.text.contains("Somebody else changed the template"))
            let letter = try await browser.get(path + "/preview")
            #expect(letter.status == 200 && letter.text.contains("Left") && letter.text.contains("Unsubscribe"))
            #expect(letter.headers[.frameOptions] == "SAMEORIGIN")
            var typed = try Self.fields(try await browser.get(path).text)
            typed["b0_text"] = "Typed, not saved"
            typed["person"] = "nobody@example.com"
            let shown = try await browser.post(path + "/preview", typed)
            #expect(shown.status == 200 && shown.text.contains("Typed, not saved"))
            #expect(shown.text.contains("Nobody is known by that") && shown.headers[.frameOptions] == "SAMEORIGIN")
            #expect(!(try await browser.get(path).text.contains("Typed, not saved")))
            #expect(try await browser.get(path + "/preview?look=text").text.contains("Hi Lin"))
            #expect(try await browser.get(path + "/preview?look=dark").status == 200)
            #expect(try await browser.post(path + "/archive").location == "/templates")
        }
    }

    @Test("variants are held against each other, and each figure opens its messages")
    func variants() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .admin)
            let (effects, now) = (harness.platform.effects, harness.platform.effects.now())
            let template = try await harness.platform.store.write { connection -> Int64 in
                let variants = ["A", "B"].map { TemplateContent.Variant(name: $0, subject: "Hi", body: "Hello") }
                let made = try MessageTemplates.create(
                    MessageTemplate.Draft(
                        name: "Two", channel: "inbox", content: TemplateContent(variants: variants)), by: "test",
                    effects, connection)
                let id = try MessageTemplates.publish(made.id, by: "test", at: now, connection).id
                let plans = (1...40).map {
                    MessagePlan(key: "k\($0)", profileID: Int64($0), templateID: id, origin: .api, due: now)
                }
                for (place, message) in try Messages.plan(plans, at: now, connection).enumerated() {
                    try connection.execute(
                        """
                        UPDATE messages SET variant = \(place < 20 ? "A" : "B"), state = 'sent', sent_ms = 1,
                            opened_ms = NULLIF(\(place < 5 ? 1 : 0), 0) WHERE id = \(message)
                        """)
                }
                return id
            }
            let path = "/templates/\(template)"
            #expect(try await browser.get(path).text.contains("hx-get=\"\(path)/variants\""))
            let panel = try await browser.get(path + "/variants").text
            #expect(panel.contains("25.0% (11.2%–46.9%)") && panel.contains("0.0% (0.0%–16.1%)"))
            let opened = "/messages?template=\(template)&variant=A&reached=opened"
            #expect(panel.contains("<a href=\"\(opened.replacing("&", with: "&amp;"))\">5</a>"))
            let list = try await browser.get(opened).text
            #expect(list.contains("Made of the template “Two”, variant A.") && list.contains("name=\"variant\""))
        }
    }

    @Test("fields of WeChat tell whether they go with words of ours or with a provider's template")
    func uses() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .admin)
            _ = try await browser.get("/templates")
            let made = try await browser.post("/templates", ["name": "Points", "channel": "wechat", "topic": "offers"])
            let html = try await browser.get(made.location).text
            for (use, field) in [
                ("template-own", "f-subject"), ("template-own", "f-body"), ("template-own", "o-image"),
                ("template-made", "o-mini_app_id"), ("template-made", "o-mini_path"),
            ] {
                #expect(html.contains("<div class=\"field \(use)\"><label for=\"\(field)\">"), "\(field)")
            }
            #expect(html.contains("<div class=\"field\"><label for=\"f-link\">"))
        }
    }

    @Test("a broadcast is written, refused without a published template, started and stopped")
    func broadcast() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .marketer)
            let effects = harness.platform.effects
            let segment = try await harness.platform.store.write {
                try Segments.create(SegmentDraft(name: "VIP", kind: .list), effects: effects, $0).id
            }
            let made = try await Self.make(browser)
            let template = try #require(made.split(separator: "/").last)
            var letter = try Self.fields(try await browser.get(made).text)
            letter["b2_url"] = "https://shop.example"
            letter["act"] = "save"
            #expect(try await browser.post(made, letter).status == 303)
            #expect(try await browser.get("/broadcasts").text.contains("No broadcasts yet"))
            _ = try await browser.get("/broadcasts/new")
            let draft = ["name": "News", "segment": "\(segment)", "template": "\(template)", "holdout": "10"]
            #expect(try await browser.post("/broadcasts", draft.merging(["starts": "soon"]) { $1 }).status == 422)
            #expect(try await browser.post("/broadcasts", draft.merging(["segment": "1"]) { $1 }).status == 422)
            let path = try await browser.post("/broadcasts", draft).location
            #expect(try await browser.get(path).text.contains("10%"))
            let refused = try await browser.post(path + "/start")
            #expect(refused.status == 422 && refused.text.contains("no published version"))
            _ = try await harness.platform.store.write { connection in
                try MessageTemplates.publish(Int64(template) ?? 0, by: "test", at: effects.now(), connection)
            }
            #expect(try await browser.post(path + "/start").location == path)
            #expect(try await browser.get(path + "/progress").text.contains("Held out"))
            let same = try await browser.get(path + "/progress?was=planning").text
            #expect(!same.contains("broadcast-state") && same.contains("progress?was=planning"))
            let news = try await browser.get(path + "/progress?was=draft").text
            #expect(news.contains("id=\"broadcast-state\" hx-swap-oob") && news.contains("Starting"))
            #expect(news.contains("id=\"broadcast-effect\"") && !news.contains("broadcast-stop"))
            #expect(try await browser.post(path + "/stop").location == path)
            #expect(try await browser.get(path).text.contains("Stopped"))
            #expect(try await browser.get("/messages?state=suppressed").status == 200)
        }
    }

    @Test("mail is set up with its keys, the rules and the list are kept, and who may not does not see them")
    func sending() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .admin)
            #expect(try await browser.get("/sending").status == 200)
            let mail = [
                "host": "mail.example", "port": "587", "security": "starttls", "from_address": "hi@brand.example",
                "dkim_domain": "brand.example", "dkim_selector": "s1", "password": "secret-word",
            ]
            #expect(try await browser.post("/sending", mail.merging(["from_address": "x"]) { $1 }).status == 422)
            #expect(try await browser.post("/sending", mail).location == "/sending")
            let page = try await browser.get("/sending").text
            #expect(page.contains("s1._domainkey.brand.example") && page.contains("v=DKIM1; k=ed25519; p="))
            #expect(!page.contains("secret-word"))
            let moved = mail.merging(["host": "evil.example", "user": "shop", "password": ""]) { $1 }
            let refused = try await browser.post("/sending", moved)
            #expect(refused.status == 422 && refused.text.contains("enter it again"))
            let mailbox = [
                "enabled": "1", "host": "127.0.0.1", "port": "1", "security": "tls", "user": "bounces",
                "password": "secret-word", "every_minutes": "5", "keeping": "seen",
            ]
            #expect(try await browser.post("/sending/mailbox", mailbox.merging(["host": ""]) { $1 }).status == 422)
            #expect(try await browser.post("/sending/mailbox/trial").status == 422)
            #expect(try await browser.post("/sending/mailbox", mailbox).location == "/sending")
            #expect(try await browser.get("/sending").text.contains("value=\"bounces\""))
            let bare = mailbox.merging(["security": "none", "password": ""]) { $1 }
            #expect(try await browser.post("/sending/mailbox", bare).text.contains("enter it again"))
            #expect(try await browser.post("/sending/mailbox/trial").text.contains("It did not open: "))
            #expect(try await browser.post("/sending/mailbox/poll").location == "/sending")
            _ = try await browser.get("/sending/policy")
            let rules = [
                "quiet_from": "22", "quiet_to": "8", "expiry_days": "3", "approval_above": "", "cap0_channel": "",
                "cap0_days": "1", "cap0_most": "2", "topic0_code": "offers", "topic0_zh": "优惠", "topic0_en": "Offers",
            ]
            for wrong in [["cap0_channel": "fax"], ["cap0_most": "many"], ["topic0_code": ""], ["quiet_from": ""]] {
                let refused = try await browser.post("/sending/policy", rules.merging(wrong) { $1 })
                #expect(refused.status == 422 && refused.text.contains("优惠"), "\(wrong)")
            }
            #expect(try await browser.post("/sending/policy", rules).location == "/sending/policy")
            let kept = try await browser.get("/sending/policy").text
            #expect(kept.contains(#"name="cap0_most" type="number" min="0" max="1000" value="2""#))
            #expect(kept.contains(#"name="topic1_code""#) && !kept.contains(#"name="topic2_code""#))
            _ = try await browser.get("/sending/suppressions")
            let entry = ["channel": "email", "address": "Lin@Example.com"]
            #expect(try await browser.post("/sending/suppressions", entry).status == 303)
            #expect(try await browser.get("/sending/suppressions?find=lin").text.contains("lin@example.com"))
            #expect(try await browser.post("/sending/suppressions/remove", entry).status == 303)
            #expect(try await browser.get("/sending/webhook").status == 200)
            #expect(try await harness.signedIn(as: .viewer).get("/sending").status == 403)
        }
    }

    @Test("a letter's link shows what one hears about, changes nothing when it is opened, and leaves with one POST")
    func preferences() async throws {
        try await ConsoleHarness.with { harness in
            let platform = harness.platform
            let profile = Profile(id: 7, at: platform.effects.now(), createdAt: platform.effects.now(), sourceID: 1)
            let link = try await platform.store.write { connection in
                try PreferenceWorld.put(profile, connection)
                return try MessageLinks.load(address: "", platform.seal, platform.effects, connection)
                    .preferences(0, profile: 7)
            }
            let said = { try await platform.store.read { try MessageConsents.of([7], $0) } }
            let browser = Browser(harness: harness)
            #expect(try await browser.get(link + "?lang=en").text.contains("What you hear from us"))
            #expect(try await said().isEmpty)
            let done = try await browser.post(link, ["List-Unsubscribe": "One-Click"])
            #expect(done.status == 200)
            let told = try await said()
            #expect(told.map(\.isGranted) == [false] && told.first?.source == "one_click")
            #expect(try await browser.post(link, ["topic": "news", "act": "save"]).status == 303)
            let kept = try await said()
            #expect(kept.first { $0.topic == "news" }?.isGranted == true)
            #expect(kept.first { $0.topic == "offers" }?.isGranted == false)
            #expect(try await browser.get("/u/nothing").status == 404)
            let person = try await harness.signedIn(as: .admin).get("/people/7")
            #expect(person.text.contains("Email · Offers") && person.text.contains("On the preference page"))
        }
    }
}

enum PreferenceWorld {
    static func put(_ profile: Profile, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO profiles (id, created_ms, first_seen_ms, last_seen_ms, identified, source_id, event_count, state,
                version) VALUES (\(profile.id), 0, 0, 0, 1, 1, 0, '{}', 0)
            """)
    }
}
