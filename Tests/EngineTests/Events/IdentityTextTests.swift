import Testing

@testable import Engine

@Suite("Identity claims in the log")
struct IdentityTextTests {
    @Test(
        "come back as they were written",
        arguments: [
            [],
            [IdentityClaim(kind: "user_id", value: "u1")],
            [
                IdentityClaim(kind: "user_id", value: "用户 1"), IdentityClaim(kind: "email", value: "a@b.c"),
                IdentityClaim(kind: "anonymous_id", value: ""),
            ],
        ])
    func roundTrip(claims: [IdentityClaim]) {
        #expect(IdentityText.decode(IdentityText.encode(claims)) == claims)
    }

    @Test("lose a separator inside a value instead of shifting every claim behind it")
    func separatorInValue() {
        let claims = [
            IdentityClaim(kind: "user_id", value: "a\u{1F}b"), IdentityClaim(kind: "email", value: "x@y.z"),
        ]
        #expect(
            IdentityText.decode(IdentityText.encode(claims)) == [
                IdentityClaim(kind: "user_id", value: "ab"), IdentityClaim(kind: "email", value: "x@y.z"),
            ])
    }
}
