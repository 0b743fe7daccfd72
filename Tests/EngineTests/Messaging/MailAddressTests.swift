import Testing

@testable import Engine

@Suite("Addresses of mail")
struct MailAddressTests {
    @Test(
        "what mail can be handed over for",
        arguments: [
            "a@b.c", "person.7@d7.example", "a+b=c!#$%&'*/?^_`{|}~-@sub.domain.example", "root@localhost", "1@2.3",
            String(repeating: "l", count: 64) + "@example.com", "a@\(String(repeating: "d", count: 63)).example",
        ])
    func usable(address: String) {
        #expect(MailAddress.isUsable(address))
    }

    @Test(
        "and what it cannot",
        arguments: [
            "", "@", "a", "a@", "@b.c", "a@b", "a@b@c.d", "a@@b.c", "a b@c.d", "a@b c.d", "a@b.c ", "a\n@b.c",
            "a@b.c\r\n",
            "a@b..c", "a@.b.c", "a@b.c.", "a@-b.c", "a@b-.c", "a@b.-c", "a@localhost.", "a@localhost2", "ä@b.c",
            "a@ü.de",
            "a\u{301}@b.c", "a@\u{301}b.c", "<a@b.c>", "a(b)@c.d", "a,b@c.d", "a;b@c.d", "a:b@c.d", "[a]@c.d",
            "\"a\"@c.d",
            "a\\b@c.d", "a\u{7F}@b.c", "a\0@b.c", String(repeating: "l", count: 65) + "@example.com",
            "a@\(String(repeating: "d", count: 64)).example", "a@" + String(repeating: "dddd.", count: 50) + "com",
        ])
    func unusable(address: String) {
        #expect(!MailAddress.isUsable(address))
    }
}
