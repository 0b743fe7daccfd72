import Testing

@testable import Engine

/// Signatures and encryption against the vectors that Tencent publishes with its sample code (WXBizMsgCrypt), each
/// recomputed with another implementation.
@Suite("WeChat's envelopes")
struct WeChatCipherTests {
    private static let token = "QDG6eK"
    private static let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
    private static let corp = "wx5823bf96d3bd56c7"
    private static let echo = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
    private static let sealed =
        "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg"
        + "3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+k"
        + "DZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6ti"
        + "WSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p"
        + "8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q=="

    private func envelope(_ key: String = WeChatCipherTests.key) -> WeChatEnvelope {
        WeChatEnvelope(token: Self.token, encodingKey: key, receiver: Self.corp)
    }

    private func call(_ query: [String: String], _ body: String = "", _ method: String = "POST") -> ReceivedCall {
        ReceivedCall(method: method, query: query, body: Array(body.utf8))
    }

    @Test("published vectors verify and decrypt")
    func published() throws {
        #expect(
            WeChatCipher.signature([Self.token, "1409659589", "263014780", Self.echo])
                == "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3")
        let cipher = try #require(WeChatCipher(encodingKey: Self.key, receiver: Self.corp))
        #expect(cipher.decrypt(Self.echo) == "1616140317555161061")
        let query = [
            "msg_signature": "477715d11cdb4164915debcba66cb864d751f3e6", "timestamp": "1409659813",
            "nonce": "1372623149",
        ]
        let body = "<xml><ToUserName>\(Self.corp)</ToUserName><Encrypt><![CDATA[\(Self.sealed)]]></Encrypt></xml>"
        let now = Timestamp(seconds: 1_409_659_815)
        let inner = try envelope().open(call(query, body), at: now)
        #expect(inner["FromUserName"] == "mycreate" && inner["Content"] == "hello" && inner["AgentID"] == "218")
        let echo = query.merging([
            "msg_signature": "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3", "timestamp": "1409659589",
            "nonce": "263014780", "echostr": Self.echo,
        ]) { $1 }
        #expect(try envelope().echo(call(echo, "", "GET"), at: now) == "1616140317555161061")
    }

    @Test("what is encrypted here is read here, for this receiver alone")
    func there() throws {
        let cipher = try #require(WeChatCipher(encodingKey: Self.key, receiver: Self.corp))
        for text in ["", "a", String(repeating: "常", count: 33), "<xml/>"] {
            let sealed = cipher.encrypt(text, random: [UInt8](repeating: 7, count: 16))
            #expect(cipher.decrypt(sealed) == text)
            #expect(WeChatCipher(encodingKey: Self.key, receiver: "other")?.decrypt(sealed) == nil)
        }
        #expect(WeChatCipher(encodingKey: "short", receiver: Self.corp) == nil)
        for garbage in ["", "AAAA", String(Self.echo.dropFirst(4)), Self.echo.replacing("P9n", with: "Q9n")] {
            #expect(cipher.decrypt(garbage) == nil)
        }
    }

    @Test("what wechatpy encrypts is read, also under a key whose last character says too much")
    func oracle() throws {
        let sealed =
            "OlRPHFC6ohsPmSUN5hWuXs1LDuje0gu6/E/sfYGgKzrRSHm6G9Vlw20SntY5MdQwXkhsjc4/MslT5H+RJr+XjZc7Ax"
            + "7o5GCKagvWPqws/0KCd+H4aBBwX8/eLQxDZ90v"
        #expect(
            WeChatCipher.signature(["callback", "1700000000", "47562", sealed])
                == "fd7e5d9dbe6081a5508b988793e1ee49ec207a6c")
        let cipher = try #require(
            WeChatCipher(encodingKey: "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", receiver: "wx0123456789abcdef"))
        #expect(cipher.decrypt(sealed) == "<xml><Content><![CDATA[常青]]></Content></xml>")
    }

    @Test("a changed, old or plain call is refused where it has to be")
    func refused() throws {
        let (now, seconds) = (Timestamp(seconds: 1_700_000_000), "1700000000")
        let signature = WeChatCipher.signature([Self.token, seconds, "n"])
        let query = ["signature": signature, "timestamp": seconds, "nonce": "n", "echostr": "word"]
        #expect(try envelope("").echo(call(query, "", "GET"), at: now) == "word")
        #expect(try envelope("").open(call(query, "<xml><A>1</A></xml>"), at: now)["A"] == "1")
        // With a key nothing in the clear is believed.
        #expect(throws: ProviderError.forged) { try envelope().open(call(query, "<xml><A>1</A></xml>"), at: now) }
        #expect(throws: ProviderError.forged) {
            try envelope("").open(call(query, "<xml><A>1</A></xml>"), at: now.adding(milliseconds: 700_000))
        }
        for (key, value) in [("signature", "0"), ("nonce", "m"), ("timestamp", "-9223372036854775808")] {
            var other = query
            other[key] = value
            #expect(throws: ProviderError.forged) { try envelope("").open(call(other, "<xml></xml>"), at: now) }
        }
    }

    @Test("the XML is read strictly")
    func xml() throws {
        let read = { (text: String) in WeChatXML(parsing: Array(text.utf8)) }
        let good = try #require(
            read(
                "<?xml version=\"1.0\"?>\n<xml><A><![CDATA[<b>&]]></A> <B>1 &lt; 2 &amp; 3</B><C/>"
                    + "<L><I>1</I><I>2</I></L></xml>\n"))
        #expect(good["A"] == "<b>&" && good["B"] == "1 < 2 & 3" && good["C"] == "")
        #expect(good.child("L")?.children.map(\.text) == ["1", "2"])
        #expect(read("<xml><A><![CDATA[\u{301}常]]></A></xml>")?["A"] == "\u{301}常")
        for bad in [
            "", "<xml>", "<xml></lmx>", "<xml a=\"1\"></xml>", "<xml>&b;</xml>", "<xml></xml><xml></xml>",
            "<!DOCTYPE x [<!ENTITY b \"c\">]><xml>&b;</xml>", "<xml><A><![CDATA[x]]</A></xml>",
            String(repeating: "<a>", count: 9) + String(repeating: "</a>", count: 9),
        ] { #expect(read(bad) == nil, "\(bad)") }
    }
}
