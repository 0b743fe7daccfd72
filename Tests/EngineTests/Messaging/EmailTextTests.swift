import Testing

@testable import Engine

@Suite("Texts of letters")
struct EmailTextTests {
    private static let clock = LiquidRenderer.Clock(now: Timestamp(seconds: 1_795_363_200), calendar: .utc)

    @Test("escaping is what replacing sign by sign makes, and a line feed a break unless CR stands before it")
    func escaping() {
        let parts = ["a", "é", "茶", "&", "<", ">", "\"", "'", "\n", "\r", "\r\n", " ", "/", "?", "\u{301}"]
        var random = SeededGenerator(seed: 5_322)
        for _ in 0..<2_000 {
            let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                parts.randomElement(using: &random) ?? ""
            }.joined()
            let wanted = text.unicodeScalars.map { scalar -> String in
                switch scalar {
                case "&": "&amp;"
                case "<": "&lt;"
                case ">": "&gt;"
                case "\"": "&quot;"
                case "'": "&#39;"
                default: String(Character(scalar))
                }
            }.joined()
            #expect(Array(HTMLText.escaped(text).utf8) == Array(wanted.utf8))
            #expect(Array(HTMLText.escapedInLines(text).utf8) == Array(wanted.replacing("\n", with: "<br>").utf8))
            #expect(Array(EmailMarkup.html(text, { $0 }).utf8) == Array(wanted.replacing("\n", with: "<br>").utf8))
            #expect(Array(EmailMarkup.text(text).utf8) == Array(text.utf8))
        }
    }

    @Test("markup and breaks side by side")
    func markup() {
        let made = EmailMarkup.html("a\nb *c* \\* **d\ne** [f & g](HTTPS://x.example/?a=1&b=2) [h](javascript:1)") {
            $0
        }
        #expect(
            made == """
                a<br>b <em>c</em> * <strong>d<br>e</strong> <a class="l" href="HTTPS://x.example/?a=1&amp;b=2" \
                style="color:#0b57d0">f &amp; g</a> h
                """)
        #expect(EmailMarkup.text("**a** [b](c) \\[") == "a b (c) [")
    }

    @Test("what leads somewhere is told by its beginning, in any case")
    func links() {
        for good in ["https://a", "HTTP://a", "MailTo:a", "tel:1", "https://", "https://茶.example"] {
            #expect(good.isLink, "\(good)")
        }
        for bad in ["", "http", "https:/a", "javascript:x", "ftp://a", "//a", "茶茶茶茶", " https://a"] {
            #expect(!bad.isLink, "\(bad)")
        }
    }

    @Test("a text without Liquid stays as it is, a subject on one line")
    func plain() throws {
        let writer = EmailWriter(
            values: ["n": "Lin"], clock: Self.clock, words: .of("en"), link: { $0 }, unsubscribeURL: "",
            preferencesURL: "", openURL: nil)
        #expect(try writer.plain(" a } %} \r\n b ") == " a } %} \r\n b ")
        #expect(try writer.plain("{ {{ n }} {") == "{ Lin {" && writer.plain("") == "")
        #expect(throws: LiquidError.self) {
            _ = try writer.plain(String(repeating: "a", count: LiquidLimits.sourceBytes + 1))
        }
        for (subject, wanted) in [("a\r\n\nb\n", "a b"), (" a  b", " a  b"), ("茶\u{2028}x", "茶 x"), ("", "")] {
            #expect(try writer.letter(TemplateContent.Variant(subject: subject)).subject == wanted)
        }
    }

    @Test("a kept link is marked as a fresh one, by campaign and medium")
    func marks() {
        let shelf = TemplateShelf()
        let addresses = [
            "https://x.example/a?b=1#c", "https://x.example/?utm_source=x", "https://x.example/茶", "mailto:a@x.example",
            "https://x.example/\u{e9}", "https://x.example/e\u{301}",
            "https://x.example/" + String(repeating: "a", count: 600),
        ]
        for _ in 0..<2 {
            for (address, campaign) in addresses.flatMap({ [($0, "Spring"), ($0, "春 & Co")] }) {
                let fresh = MessageComposer.marked(address, campaign: campaign, medium: "email")
                let kept = shelf.marked(address, campaign: campaign, medium: "email")
                #expect(Array(kept.utf8) == Array(fresh.utf8), "\(address)")
            }
        }
        #expect(
            shelf.marked("https://x.example", campaign: "A", medium: "push").hasSuffix("utm_medium=push&utm_campaign=A")
        )
    }
}
