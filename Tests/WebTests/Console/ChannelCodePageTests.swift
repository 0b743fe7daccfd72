import Engine
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import Web

@Suite("The page of a channel code")
struct ChannelCodePageTests {
    private func make(_ harness: ConsoleHarness) async throws -> ChannelCode {
        let effects = harness.platform.effects
        return try await harness.platform.store.write { connection in
            try ChannelTargets.allow("shop.example.com", by: "test", connection, at: effects.now())
            return try ChannelCodes.create(
                ChannelCodes.Draft(name: "Till", kind: .store, target: "https://shop.example.com/", code: "till"),
                by: "test", connection, effects)
        }
    }

    @Test("its QR code is had as SVG and PNG at a size that is known")
    func files() async throws {
        try await ConsoleHarness.with { harness in
            let code = try await make(harness)
            let browser = try await harness.signedIn(as: .admin)
            let page = try await browser.get("/channels/\(code.id)")
            #expect(page.status == 200 && page.text.contains("action=\"/channels/\(code.id)/qr\""))
            #expect(page.text.contains("/channels/\(code.id)/figures?from="))
            let outline = try await browser.get("/channels/\(code.id)/qr?format=svg&mm=30")
            #expect(outline.status == 200 && outline.headers[.contentType]?.hasPrefix("image/svg+xml") == true)
            #expect(outline.headers[.contentDisposition]?.contains("till-30mm.svg") == true)
            #expect(outline.text.contains("width=\"30mm\"") && outline.text.contains("M4 4h1v1h-1z"))
            let points = try await browser.get("/channels/\(code.id)/qr?format=png&mm=7")
            #expect(points.status == 200 && points.headers[.contentType] == "image/png")
            #expect(points.headers[.contentDisposition]?.contains("till-50mm.png") == true)
            #expect(try await browser.get("/channels/4711/qr").status == 404)
        }
    }

    @Test("the PNG has whole points for every module and ends as a PNG does")
    func points() throws {
        let picture = try #require(QRCode("https://perennial.example/q/abc1234"))
        let bytes = try ChannelCodePrint.png(picture, millimetres: 50)
        let file = try #require(PictureFile(bytes))
        #expect(file.mediaType == "image/png" && file.width == file.height)
        #expect(file.width % picture.side == 0 && file.width >= 600)
        // The checksum of an empty last chunk, as the specification's examples have it.
        #expect(Array(bytes.suffix(8)) == [0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82])
        #expect(picture.isInk(0, 0) && !picture.isInk(-1, 0) && !picture.isInk(1, 1))
    }

    @Test("its figures say what came by it, nothing included")
    func figures() async throws {
        try await TestAnalytics.with(.embedded) { analytics in
            try await ConsoleHarness.with(analytics: analytics) { harness in
                let code = try await make(harness)
                let browser = try await harness.signedIn(as: .admin)
                let panel = try await browser.get("/channels/\(code.id)/figures?days=7")
                #expect(panel.status == 200 && panel.text.contains("Nobody came by this code on these days."))
                #expect(!panel.text.contains("/behind?") && !panel.text.contains("channels."))
                #expect(try await browser.get("/channels/4711/figures").status == 404)
            }
        }
    }

    @Test("a refused code leaves its dialog open, with the reason at the field")
    func refused() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .marketer)
            #expect(try await browser.get("/channels").text.contains("data-shown") == false)
            let foreign = try await browser.post(
                "/channels", ["name": "Poster", "kind": "store", "target": "https://elsewhere.example/x"])
            #expect(foreign.status == 422 && foreign.text.contains("data-shown"))
            #expect(foreign.text.contains("aria-describedby=\"code-target-problem\""))
            #expect(foreign.text.contains("value=\"https://elsewhere.example/x\""))
        }
    }
}
