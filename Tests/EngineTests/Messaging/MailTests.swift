import Foundation
import Testing

@testable import Engine

@Suite("Mail as bytes")
struct MailTests {
    @Test("RFC 8463's example message: the Ed25519 signature comes out to the letter")
    func rfc8463() throws {
        let secret = [UInt8](try #require(Data(base64Encoded: "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")))
        let key = try DKIMKey.ed25519(secret: secret)
        #expect(try key.record() == "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
        // Appendix A.3: what is hashed of the body.
        let body = "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n"
        #expect(DKIMSignature.bodyHash(Array(body.utf8)) == "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=")
    }

    @Test("relaxed canonicalisation is that of RFC 6376 §3.4.5")
    func relaxed() {
        func header(_ name: String, _ value: String) -> String {
            String(decoding: DKIMSignature.relaxed(name, value), as: UTF8.self)
        }
        func body(_ text: String) -> String {
            String(decoding: DKIMSignature.relaxed(body: Array(text.utf8)), as: UTF8.self)
        }
        #expect(header("A", " X") == "a:X" && header("B ", " Y\t\r\n\tZ  ") == "b:Y Z")
        #expect(body(" C \r\nD \t E\r\n\r\n\r\n") == " C\r\nD E\r\n")
        #expect(body("\r\n\r\n") == "" && body("a \t") == "a\r\n" && body("\r\n\r\nb") == "\r\n\r\nb\r\n")
    }

    @Test("subjects, names and bodies survive as seven-bit text of bounded lines")
    func bytes() throws {
        let long = String(repeating: "你好 ", count: 60) + "=.\n.dot\n trailing \n"
        let mail = MailMessage(
            id: "7@brand.example", from: .init(name: "品牌", address: "hi@brand.example"), to: "lin@example.com",
            replyTo: "",
            letter: EmailLetter(subject: "优惠 offer ✓ " + long.prefix(80), html: "<p>\(long)</p>", text: long),
            date: Timestamp(seconds: 1_795_363_200), unsubscribeURL: "https://a.example/u/x", boundary: "=_b")
        let text = String(decoding: try mail.bytes(signedBy: []), as: UTF8.self)
        #expect(text.utf8.allSatisfy { $0 < 0x80 })
        let lines = text.components(separatedBy: "\r\n")
        #expect(lines.allSatisfy { $0.utf8.count <= 78 && !$0.hasPrefix(".") && !$0.contains("\n") })
        #expect(text.contains("List-Unsubscribe: <https://a.example/u/x>\r\n"))
        #expect(text.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"))
        #expect(text.contains("Date: Sun, 22 Nov 2026 16:00:00 +0000\r\n"))
    }

    @Test("both keys sign, and the records say which keys they are")
    func keys() throws {
        for algorithm in DKIMKey.Algorithm.allCases {
            let key = try DKIMKey.make(algorithm)
            #expect(try key.record().hasPrefix("v=DKIM1; k=\(algorithm == .rsa ? "rsa" : "ed25519"); p="))
            let signature = try DKIMSignature(domain: "brand.example", selector: "s", key: key, seconds: 1)
            let header = try signature.header(
                DKIMSignature.Head([("From", "a@brand.example"), ("Subject", "x")]),
                bodyHash: DKIMSignature.bodyHash(Array("hi\r\n".utf8)))
            #expect(
                header.contains("a=\(algorithm.rawValue)") && header.contains("h=from:subject")
                    && header.hasSuffix("\r\n"))
        }
    }

    @Test(
        "what a server says decides what happens",
        arguments: [
            (MailAnswer(.accepted, code: 250), "sent"),
            (MailAnswer(.refused, code: 450, text: "450 4.2.1 later"), "retry"),
            (MailAnswer(.refused, code: 550, text: "550 5.1.1 no such user"), "suppress"),
            (MailAnswer(.refused, code: 554, text: "554 5.6.0 no"), "bounce"),
            (MailAnswer(.refused, code: 552, text: "552 5.2.2 full"), "retry"),
            (MailAnswer(.refused, code: 550, text: "550 5.7.1 blocked"), "closed"),
            (MailAnswer(.refused, code: 535, text: "535 5.7.8 bad login"), "closed"),
            (MailAnswer(.unreachable), "retry"), (MailAnswer(.unknown), "unknown"),
        ])
    func outcomes(answer: MailAnswer, wanted: String) {
        let found =
            switch EmailChannel.outcome(answer) {
            case .sent, .delivered: "sent"
            case .retry: "retry"
            case .bounced(_, _, let suppresses): suppresses ? "suppress" : "bounce"
            case .closed: "closed"
            case .unknown: "unknown"
            }
        #expect(found == wanted)
    }

    @Test("a delivery report and a complaint lead back to their message")
    func reports() {
        let bounce = """
            To: bounce+71@brand.example
            Content-Type: multipart/report; report-type=delivery-status;
            \tboundary="XX"

            --XX
            Content-Type: text/plain

            It did not arrive.

            --XX
            Content-Type: message/delivery-status

            Reporting-MTA: dns; mail.example

            Final-Recipient: rfc822; lin@example.com
            Action: failed
            Status: 5.1.1
            Diagnostic-Code: smtp; 550 5.1.1 unknown user

            --XX--
            """
        let report = BounceReport(Array(bounce.utf8))
        #expect(report?.kind == .failed && report?.message == 71 && report?.status == "5.1.1")
        let complaint = """
            To: abuse@brand.example
            Content-Type: multipart/report; report-type=feedback-report; boundary=YY

            --YY
            Content-Type: message/feedback-report

            Feedback-Type: abuse

            --YY
            Content-Type: message/rfc822

            Message-ID: <72@brand.example>
            Subject: x

            --YY--
            """
        let complained = BounceReport(Array(complaint.utf8))
        #expect(complained?.kind == .complaint && complained?.message == 72)
        #expect(BounceReport(Array("Subject: hello\n\nhi".utf8)) == nil)
    }
}
