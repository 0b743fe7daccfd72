import Testing

@testable import Engine

@Suite("Identity values")
struct IdentityValueTests {
    @Test(
        "telephone numbers are written as E.164",
        arguments: [
            ("13800138000", "+8613800138000"), ("+86 138-0013-8000", "+8613800138000"),
            ("8613800138000", "+8613800138000"), ("0086 13800138000", "+8613800138000"),
            ("(010) 6552 9988", "+861065529988"), ("１３８００１３８０００", "+8613800138000"),
            ("+1 (415) 555-2671", "+14155552671"), ("+44 20 7946 0958", "+442079460958"),
        ])
    func phone(written: String, expected: String) {
        #expect(PhoneNumber.normalise(written, defaultCountry: "CN") == expected)
    }

    @Test(
        "national numbers get the workspace's country",
        arguments: [
            ("020 7946 0958", "GB", "+442079460958"),
            ("06 1234 5678", "IT", "+390612345678"), ("090-1234-5678", "JP", "+819012345678"),
        ])
    func national(written: String, country: String, expected: String) {
        #expect(PhoneNumber.normalise(written, defaultCountry: country) == expected)
    }

    @Test(
        "what is no telephone number is none",
        arguments: [
            "138****8000", "abc", "12345", "+", "", "1380013800a",
            "12800138000", "+8612", "１２３", "123456789012345678",
        ])
    func noPhone(written: String) {
        #expect(PhoneNumber.normalise(written, defaultCountry: "CN") == nil)
    }

    @Test("addresses are trimmed and lower-case, and plausible")
    func email() {
        let kind = IdentityKind.named("email")
        #expect(kind?.normalise(" Mei.Lin@Example.COM ", defaultCountry: "CN") == "mei.lin@example.com")
        for bad in ["a@b", "@b.cn", "a b@c.cn", "a@b..cn", "plain"] {
            #expect(kind?.normalise(bad, defaultCountry: "CN") == nil)
        }
    }

    @Test(
        "values that programs send for nobody are blocked",
        arguments: [
            "null", "NULL", "undefined", "0", "anonymous",
            "NaN", "", "none", "Unknown", "guest", "00000000-0000-0000-0000-000000000000", "0000000000", "xxxxxxxx",
            "游客",
        ])
    func blocked(value: String) {
        #expect(BlockedValues.contains(value))
    }

    @Test("usual values are not blocked", arguments: ["u1", "42", "2026", "13800138000", "a@b.cn", "ffab", "1111111"])
    func usual(value: String) {
        #expect(!BlockedValues.contains(value))
    }

    @Test("claims are sorted by strength, and what cannot be linked says why")
    func claims() {
        let event = IncomingEvent.test(
            ["anonymous_id": "a1", "user_id": "u1", "shoe_size": "42", "phone": "138****", "email": "null"])
        let set = ClaimSet(event, isTrusted: false, defaultCountry: "CN")
        #expect(set.claims.map(\.key.kind) == ["user_id", "anonymous_id"])
        #expect(set.refused.map(\.reason) == [.unknownKind, .malformed, .blockedValue])
    }

    @Test("traits vouch for a telephone number only when they say it was verified")
    func vouching() {
        let verified = IncomingEvent.test(
            ["user_id": "u1"], traits: #"{"phone":"13800138000","phone_verified":true}"#)
        let plain = IncomingEvent.test(["user_id": "u1"], traits: #"{"phone":"13800138000","phone_verified":false}"#)
        #expect(
            ClaimSet(verified, isTrusted: false, defaultCountry: "CN").claims.map(\.key.kind) == ["user_id", "phone"])
        #expect(ClaimSet(verified, isTrusted: false, defaultCountry: "CN").claims.last?.isVerified == true)
        #expect(ClaimSet(plain, isTrusted: false, defaultCountry: "CN").claims.map(\.key.kind) == ["user_id"])
    }
}
