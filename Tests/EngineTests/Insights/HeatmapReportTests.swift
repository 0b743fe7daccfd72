import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("The heat map")
struct HeatmapReportTests {
    private static let days = ["from": "2026-11-02", "to": "2026-11-08", "page": "/tea"]

    private static func click(
        _ selector: String, _ at: (x: Int, y: Int), width: Int = 400, page: String = "/tea", more: String = ""
    ) -> String {
        """
        {"selector":"\(selector)","tag":"div","text":"T","x":0.5,"y":0.25,"page_x":\(at.x),"page_y":\(at.y),\
        "viewport_width":\(width),"page_width":\(width),"page_height":2000,"path":"\(page)"\(more)}
        """
    }

    /// 1 clicks the button three times at once on a phone; 2 clicks beside it, 3 is 2's other device and clicks a link.
    private static let history: BrandHistory = {
        var brand = BrandHistory()
        brand.people = [(1, "2026-11-02"), (2, "2026-11-02"), (4, "2026-11-02")]
        brand.merged = [(3, 2)]
        let button = #"[data-pn=\"buy\"]"#
        for second in ["00", "01", "02"] {
            brand.act(1, "2026-11-03 10:00:\(second)", "Element Clicked", click(button, (199, 100)))
        }
        brand.act(1, "2026-11-03 10:05:00", "Element Clicked", click(button, (399, 2_500)))
        brand.act(2, "2026-11-03 11:00:00", "Element Clicked", click("body>div", (10, 1_000)))
        brand.act(
            3, "2026-11-04 11:00:00", "Element Clicked",
            click("body>a", (600, 20), width: 1_200, more: #","href":"https://shop.example/x""#))
        brand.act(4, "2026-11-04 11:00:00", "Element Clicked", click("body", (1, 1), page: "/other"))
        brand.act(
            1, "2026-11-03 10:06:00", "Page Dwelt", #"{"seconds":5,"scroll_depth":40,"page_id":"a","path":"/tea"}"#)
        brand.act(
            1, "2026-11-03 10:07:00", "Page Dwelt", #"{"seconds":5,"scroll_depth":75,"page_id":"a","path":"/tea"}"#)
        brand.act(
            2, "2026-11-03 11:07:00", "Page Dwelt",
            #"{ "seconds": 5, "scroll_depth": 100, "page_id": "b", "path" : "/tea" }"#)
        return brand
    }()

    @Test(
        "clicks, rage, what cannot be clicked and scrolling are those counted by hand",
        arguments: AnalyticsKind.allCases)
    func counts(kind: AnalyticsKind) async throws {
        try await Self.history.with(kind, now: "2026-11-10") { platform in
            let report = try await HeatmapReport.made(platform, Self.days)
            let figures = try report.panel("figures")
            for (name, value) in [("clicks", 6.0), ("click_people", 2), ("dead_clicks", 1), ("rage_clicks", 1)] {
                #expect(try figures.figure(name).value == value, "\(name)")
            }
            let elements = try report.panel("elements")
            let button = #"[data-pn="buy"]"#
            #expect(try elements.row(button, "T").values == [4, 4 / 6, 1, 0, 1, 0.5, 0.25])
            #expect(try elements.row("body>div", "T").values.prefix(4) == [1, 1 / 6, 1, 1])
            let reach = try report.panel("reach")
            #expect(reach.rows.map { $0.values[1] } == [2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1])
            let cells = try report.panel("cells")
            #expect(try cells.row("24", "5").values == [3, 1])
            // A click below the page's height as it was told counts in its last line.
            #expect(try cells.row("49", "99").values == [1, 1])
            #expect(try report.panel("pages").rows.map(\.labels) == [["/tea"], ["/other"]])
            for (place, people) in [
                ("clicked", [1, 2]), ("dead", [2]), ("rage", [1]), ("element:" + button, [1]), ("cell:24/5", [1]),
                ("reach:80", [2]), ("reach:70", [1, 2]), ("page:/other", [4]),
            ] as [(String, [Int64])] {
                #expect(try await HeatmapReport.ids(place, platform, Self.days) == people, "\(place)")
            }
            let wide = try await HeatmapReport.made(platform, Self.days.merging(["width": "desktop"]) { $1 })
            #expect(try wide.panel("figures").figure("clicks").value == 1)
            // Without a page, the one with the most clicks.
            let usual = try await HeatmapReport.made(platform, ["from": "2026-11-02", "to": "2026-11-08"])
            #expect(try usual.panel("figures").figure("clicks").value == 6)
            let empty = try await HeatmapReport.made(platform, ["from": "2026-11-09", "to": "2026-11-09"])
            #expect(try empty.panel("figures").figure("clicks").value == 0 && empty.panel("cells").rows.isEmpty)
            await #expect(throws: ReportError.unknownPlace("cell:1")) {
                _ = try await HeatmapReport.ids("cell:1", platform, Self.days)
            }
        }
    }

    @Test("pictures are kept by page and width when they are pictures", arguments: StoreKind.allCases)
    func pictures(kind: StoreKind) async throws {
        let png: [UInt8] =
            [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] + Array("IHDR".utf8)
            + [0, 0, 1, 0x90, 0, 0, 7, 0xD0, 8, 2, 0, 0, 0]
        try await TestDatabase.with(kind) { store in
            let now = Platform.testing(store).effects.now()
            let saved = try await store.write {
                try HeatmapPictures.save(png, page: "/tea", .phone, by: "user:1", $0, at: now)
            }
            #expect(saved.file.width == 400 && saved.file.height == 2_000 && saved.file.mediaType == "image/png")
            #expect(try await store.read { try HeatmapPictures.find(page: "/tea", .phone, $0) } == saved)
            #expect(try await store.read { try HeatmapPictures.find(page: "/tea", .desktop, $0) } == nil)
            #expect(try await store.read { try HeatmapPictures.content(page: "/tea", .phone, $0) }.bytes == png)
            for (bytes, page, error) in [
                (Array("<svg onload=alert(1)>".utf8), "/tea", HeatmapPictureError.unreadable),
                (png, "tea", .badPage(limit: 500)),
                ([UInt8](repeating: 0, count: HeatmapPictures.bytesMax + 1), "/tea", .tooLarge(limit: 5_000_000)),
            ] as [([UInt8], String, HeatmapPictureError)] {
                await #expect(throws: error) {
                    try await store.write {
                        try HeatmapPictures.save(bytes, page: page, .phone, by: "user:1", $0, at: now)
                    }
                }
            }
            try await store.write { try HeatmapPictures.remove(page: "/tea", .phone, by: "user:1", $0, at: now) }
            #expect(try await store.read { try HeatmapPictures.find(page: "/tea", .phone, $0) } == nil)
        }
    }

    @Test("the size of a picture is read from its first bytes")
    func sizes() {
        let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0, 0, 0xFF, 0xC2, 0, 17, 8, 0x03, 0x20, 0x02, 0x58, 3, 1]
        #expect(PictureFile(jpeg).map { [$0.width, $0.height] } == [600, 800])
        let webp = Array("RIFF".utf8) + [0, 0, 0, 0] + Array("WEBPVP8X".utf8) + [10, 0, 0, 0, 0, 0, 0, 0]
        #expect(PictureFile(webp + [0x57, 2, 0, 0x1F, 3, 0, 0]).map { [$0.width, $0.height] } == [600, 800])
        #expect(PictureFile(Array(jpeg.prefix(10))) == nil && PictureFile([]) == nil)
        #expect(PictureFile([0xFF, 0xD8, 0xFF, 0xE0, 0, 0, 0, 0, 0xFF, 0xC0, 0, 0, 0, 0, 0, 0, 0, 0, 0]) == nil)
    }
}
