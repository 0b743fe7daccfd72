import CCrypto
import Testing

@testable import Engine

/// What is signed and encrypted, against the examples that are published.
@Suite("Signatures and encryption of providers")
struct ProviderSignatureTests {
    @Test("the example of Alibaba Cloud's description, V3 signature mechanism")
    func aliyun() throws {
        let signature = AliyunSignature(
            keyID: "YourAccessKeyId", secret: "YourAccessKeySecret", host: "ecs.cn-shanghai.aliyuncs.com",
            action: "RunInstances", version: "2014-05-26", date: "2023-10-26T10:22:32Z",
            nonce: "3156853299f313e23d1673dc12e1703d")
        let query = AliyunSignature.query([
            "RegionId": "cn-shanghai", "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
        ])
        let found = signature.headers(query: query).first { $0.name == "Authorization" }?.value
        #expect(
            found == """
                ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;\
                x-acs-date;x-acs-signature-nonce;x-acs-version,\
                Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0
                """)
    }

    @Test("the example of Tencent Cloud's description, signature method v3")
    func tencent() {
        let signature = TencentSignature(
            keyID: "AKID********************************", secret: "********************************",
            host: "cvm.tencentcloudapi.com", service: "cvm", action: "DescribeInstances", seconds: 1_551_113_065)
        let body = #"{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}"#
        #expect(
            signature.authorization(Array(body.utf8)) == """
                TC3-HMAC-SHA256 Credential=AKID********************************/2019-02-25/cvm/tc3_request, \
                SignedHeaders=content-type;host;x-tc-action, \
                Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f
                """)
    }

    private func bytes(_ text: String) throws -> [UInt8] { try #require(Base64URL.bytes(text)) }

    @Test("RFC 8291, appendix A, byte for byte")
    func push() throws {
        let target = PushTarget(
            endpoint: "https://push.example.net/x",
            point: try bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
            secret: try bytes("BTBZMqHH6r4Tts7J_aSIgg"))
        let pair = try #require(P256Pair(secret: try bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")))
        #expect(
            Base64URL.text(pair.point)
                == "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8")
        let sealed = WebPushMessage.sealed(
            Array("When I grow up, I want to be a watermelon".utf8), for: target, from: pair,
            salt: try bytes("DGv6ra1nlYgDCS1FRnbzlw"))
        #expect(
            Base64URL.text(try #require(sealed)) == """
                DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK\
                6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN
                """)
    }

    @Test("what fits is sealed in 4,096 bytes, what does not is refused, and so are keys that are none")
    func pushLimits() throws {
        let browser = try P256Pair.make(.live)
        let pair = try P256Pair.make(.live)
        let target = PushTarget(
            endpoint: "https://push.example.net/x", point: browser.point, secret: [UInt8](repeating: 1, count: 16))
        let salt = [UInt8](repeating: 2, count: 16)
        let full = [UInt8](repeating: 65, count: WebPushMessage.plainBytesMax)
        #expect(WebPushMessage.sealed(full, for: target, from: pair, salt: salt)?.count == 4_096)
        #expect(WebPushMessage.sealed(full + [65], for: target, from: pair, salt: salt) == nil)
        var off = target
        off.point[20] ^= 1
        #expect(WebPushMessage.sealed([65], for: off, from: pair, salt: salt) == nil)
        #expect(P256Pair(secret: [UInt8](repeating: 0, count: 32)) == nil)
        #expect(P256Pair(secret: [UInt8](repeating: 255, count: 32)) == nil)
    }

    @Test("the token says who sends, to whom and until when, and its signature holds (RFC 8292)")
    func vapid() throws {
        let pair = try P256Pair.make(.live)
        let address = try #require(OutgoingAddress("https://push.example.net/p/abc"))
        let text = try #require(
            WebPushMessage.authorization(
                to: address, subject: "mailto:push@example.com", pair, at: Timestamp(seconds: 1_453_480_568)))
        let parts = try #require(text.wholeMatch(of: /vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), k=([\w-]+)/))
        #expect(parts.1 == "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9")
        // The claims of the RFC's own example.
        let claims = try JSONValue(parsing: try bytes(String(parts.2)))
        #expect(
            claims == [
                "aud": "https://push.example.net", "exp": 1_453_523_768, "sub": "mailto:push@example.com",
            ])
        let signed = Array("\(parts.1).\(parts.2)".utf8)
        #expect(try bytes(String(parts.4)) == pair.point)
        #expect(ccrypto_verify_es256(pair.point, try bytes(String(parts.3)), signed, signed.count) == 1)
    }

    @Test("the RFC's own token is one that the same check takes")
    func vapidExample() throws {
        let signed = """
            eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1\
            YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0
            """
        let signature = try bytes(
            "i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA")
        let point = try bytes("BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs")
        let text = Array(signed.utf8)
        #expect(ccrypto_verify_es256(point, signature, text, text.count) == 1)
    }

    @Test(
        "parts of a text message are counted as carriers count them",
        arguments: [
            (String(repeating: "a", count: 160), false, SMSLength.Coding.gsm7, 160, 1),
            (String(repeating: "a", count: 161), false, .gsm7, 161, 2),
            (String(repeating: "a", count: 306), false, .gsm7, 306, 2),
            (String(repeating: "a", count: 307), false, .gsm7, 307, 3),
            // An escape and a sign.
            ("€", false, .gsm7, 2, 1),
            (String(repeating: "积", count: 70), false, .ucs2, 70, 1),
            (String(repeating: "积", count: 71), false, .ucs2, 71, 2),
            (String(repeating: "积", count: 134), false, .ucs2, 134, 2),
            (String(repeating: "积", count: 135), false, .ucs2, 135, 3),
            ("👍", false, .ucs2, 2, 1),
            ("`", false, .ucs2, 1, 1),
            // In mainland China a letter counts as much as any sign.
            (String(repeating: "a", count: 71), true, .ucs2, 71, 2),
        ])
    func length(text: String, isMainland: Bool, coding: SMSLength.Coding, units: Int, parts: Int) {
        let length = SMSLength(text, isMainland: isMainland)
        #expect(length.coding == coding && length.units == units && length.parts == parts)
    }

    @Test("places of all providers are found and filled in")
    func places() {
        #expect(ProviderPlace.names(in: "您的验证码为${code}，${ code }，${min}分钟") == ["code", "min"])
        #expect(ProviderPlace.names(in: "{1} and {2}, {1}") == ["1", "2"])
        #expect(
            ProviderPlace.names(in: "{{thing1.DATA}} {{header.1}} {{1}} {{ name }}") == [
                "thing1", "header.1", "1", "name",
            ])
        #expect(ProviderPlace.names(in: "{} { x } ${} no") == [])
        let template = ProviderTemplate(
            text: "{{header.1}}: ${code} {1} {{2}} {{3}}",
            parameters: [
                .init(name: "code", value: "X"), .init(name: "1", value: "A"), .init(name: "body.2", value: "B"),
                .init(name: "header.1", value: "H"),
            ])
        #expect(template.filled == "H: X A B {{3}}")
    }

    @Test("prices have six places and no more")
    func prices() {
        #expect(MicroAmount.parse("0.045") == 45_000 && MicroAmount.text(45_000) == "0.045")
        #expect(MicroAmount.parse("12") == 12_000_000 && MicroAmount.text(12_000_000) == "12")
        #expect(MicroAmount.text(0) == "0" && MicroAmount.text(1) == "0.000001")
        for bad in ["", ".5", "1.2.3", "-1", "1e3", "0.0000001", "1,5"] { #expect(MicroAmount.parse(bad) == nil) }
    }
}
