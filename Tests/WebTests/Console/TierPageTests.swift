import Engine
import Foundation
import Testing

@testable import Web

@Suite("Tier pages") struct TierPageTests {
    @Test("a ladder is written, read in words, tried, published and shown; what is wrong is kept and told")
    func life() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .marketer)
            #expect(try await browser.get("/tiers").text.contains("No tiers yet"))
            #expect(try await browser.get("/tiers/rules").status == 404)
            #expect(try await browser.get("/tiers/edit").text.contains("By invitation only."))
            let definition = TierAPITests.ladder.text()
            let wrong = try await browser.post("/tiers/edit", ["definition": #"{"tiers":[]}"#, "act": "publish"])
            #expect(wrong.status == 422 && wrong.text.contains("Tiers: there are 2 to 20 tiers"))
            let checked = try await browser.post(
                "/tiers/edit", ["definition": definition, "version": "0", "act": "check"])
            #expect(checked.text.contains("net spend of at least ¥500"))
            let tried = try await browser.post(
                "/tiers/edit", ["definition": definition, "version": "0", "act": "preview"])
            #expect(tried.status == 303)
            _ = try await JobRunner(
                platform: harness.platform, catalog: JobCatalog([TierPreview.handler])
            ).drain()
            #expect(try await browser.get(tried.location).text.contains("Would go up"))
            let made = try await browser.post(
                "/tiers/edit", ["definition": definition, "version": "0", "act": "publish"])
            #expect(made.location == "/tiers")
            let late = try await browser.post(
                "/tiers/edit",
                [
                    "definition": definition.replacingOccurrences(of: "50000", with: "60000"), "version": "0",
                    "act": "publish",
                ])
            #expect(late.status == 422 && late.text.contains("60000"))
            let page = try await browser.get("/tiers")
            #expect(page.text.contains("Silver") && page.text.contains("Version 1"))
            #expect(try await browser.get("/tiers/rules").text.contains("净消费不少于 ¥500"))
            #expect(try await browser.get("/tiers/levels/silver").text.contains("Nobody."))
            #expect(try await browser.get("/tiers/levels/none").status == 404)
            #expect(try await browser.get("/tiers/benefits").text.contains("gift"))
            #expect(try await browser.get("/tiers/causes").text.contains("Nobody went down"))
            let viewer = try await harness.signedIn(as: .viewer)
            #expect(try await viewer.get("/tiers/edit").status == 403)
        }
    }

    @Test("what is wrong with a ladder is told by tier and condition, in the reader's language")
    func places() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path
        func place(_ language: String) throws -> TierFormPlace {
            let folder = root + "/Sources/Web/Strings/" + language
            let wording = Wording(
                catalogue: try StringCatalogue(language: language, folder: folder), workspace: Workspace())
            let definition = #"{"tiers":[{"code":"base"},{"code":"silver","names":{"en":"Silver","zh-Hans":"银卡"}}]}"#
            return TierFormPlace(definition, wording)
        }
        let (english, chinese) = (try place("en"), try place("zh-Hans"))
        let needed = "Tier 2 “Silver”, To enter, condition 1: choose what counts"
        #expect(english.refusal("tiers.1.rule.indicators.0").hasPrefix(needed))
        #expect(chinese.refusal("tiers.1.keep.indicators.1.weight").hasPrefix("等级 2 “银卡”、保级、条件 2、权重：加权"))
        #expect(english.refusal("tiers.0").hasPrefix("Tier 1 “base”: the lowest tier is everybody"))
        #expect(english.refusal("tiers.4.benefits.0.quota") == "Tier 5, benefit 1, A month, in all: 1 to 100,000,000.")
        #expect(english.refusal("quota").hasPrefix("By place in a ranking: a ranking has calendar periods"))
        #expect(english.refusal("quota.by").hasPrefix("By place in a ranking, What counts: choose"))
        #expect(english.refusal("notice_days").contains("up to 5 different numbers of 1 to 366 days"))
        #expect(english.unreadable([]).hasPrefix("Something is missing here"))
        #expect(chinese.unreadable(["tiers", "1", "code"]) == "等级 2 “银卡”、代码：此处有缺失，或类型不对。")
    }

    @Test("tiers that the program in force sets are edited here and become a draft of the program")
    func ofProgram() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .marketer)
            let document: JSONValue = ["version": 1, "tiers": TierAPITests.ladder]
            let effects = harness.platform.effects
            _ = try await harness.platform.store.write {
                try ProgramVersions.install(
                    title: "First", document: document.text(), by: "system", effects: effects, $0)
            }
            let page = try await browser.get("/tiers/edit").text
            #expect(page.contains("value=\"draft\"") && !page.contains("value=\"publish\""))
            let changed = TierAPITests.ladder.text().replacingOccurrences(of: "50000", with: "60000")
            let made = try await browser.post("/tiers/edit", ["definition": changed, "version": "1", "act": "draft"])
            #expect(made.location.hasPrefix("/program/versions/"))
            let versions = try await harness.platform.store.read { try ProgramVersions.list($0) }
            #expect(versions.map(\.status) == [.draft, .published])
            #expect(versions[0].document.contains("60000") && versions[1].document.contains("50000"))
            // Who reviews it reads which tier changes, and how.
            let told = try await browser.get(made.location).text
            #expect(told.contains("Tiers: Silver") && told.contains("¥600") && !told.contains("Tiers: Gold"))
        }
    }

    @Test("a ladder that waits for a second user tells among the approvals what it says")
    func waits() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .admin)
            _ = try await browser.get("/approvals")
            #expect(try await browser.post("/approvals/policy", ["policy": "ladders", "value": "yes"]).status == 303)
            let definition = TierAPITests.ladder.text()
            let first = ["definition": definition, "version": "0", "act": "publish"]
            #expect(try await browser.post("/tiers/edit", first).location == "/tiers")
            let changed = definition.replacingOccurrences(of: "50000", with: "60000")
            let asked = ["definition": changed, "version": "1", "act": "publish"]
            #expect(try await browser.post("/tiers/edit", asked).status == 303)
            let page = try await browser.get("/approvals").text
            #expect(page.contains("What it says") && page.contains("¥600"))
        }
    }
}
