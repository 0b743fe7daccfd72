import Engine
import Foundation
import Testing

@testable import Web

@Suite("Segment pages") struct SegmentPageTests {
    @Test("a segment is written, shown, kept when something is wrong, and deleted")
    func life() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .marketer)
            #expect(try await browser.get("/segments").text.contains("No segments yet"))
            let blank = try await browser.get("/segments/new")
            #expect(blank.status == 200 && blank.text.contains("data-offer"))
            let wrong = try await browser.post(
                "/segments", ["name": "Half", "kind": "dynamic", "criteria": #"{"where":{"kind":"trait","is":"set"}}"#])
            #expect(wrong.status == 422)
            #expect(wrong.text.contains("where.name") && wrong.text.contains("Half"))
            let made = try await browser.post(
                "/segments",
                [
                    "name": "Growing", "kind": "dynamic",
                    "criteria": #"{"where":{"kind":"stage","values":["growth"]}}"#,
                ])
            #expect(made.status == 303)
            let page = try await browser.get(made.location)
            #expect(page.text.contains("is in growth") && page.text.contains("Being filled"))
            #expect(try await browser.get(made.location + "/people").text.contains("Nobody is in it"))
            #expect(try await browser.get(made.location + "/edit").text.contains("growth"))
            #expect(try await browser.get("/segments").text.contains("Growing"))
            let export = try await browser.get(made.location + "/export")
            #expect(export.text.hasPrefix("profile_id,name"))
            let hashed = try await browser.get(made.location + "/export?form=hashed")
            #expect(hashed.text == "email_sha256,phone_e164_sha256,phone_digits_sha256,phone_cn_sha256\r\n")
            #expect(try await browser.get("/segments/overlap").status == 200)
            #expect(try await browser.post(made.location + "/delete").location == "/segments")
            #expect(try await browser.get(made.location).status == 404)
        }
    }
}
