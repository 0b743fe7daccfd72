import Testing

@testable import Engine

/// What other systems gave us to call must not lead to this machine or its network.
@Suite("Outgoing addresses")
struct OutgoingAddressTests {
    @Test(
        "names and numbers of this machine and its network are refused however they are written",
        arguments: [
            "https://127.0.0.1/", "https://localhost/", "https://2130706433/", "https://0x7f.1/", "https://0177.0.0.1/",
            "https://10.1.2.3/", "https://172.16.0.1/", "https://192.168.1.1:8443/", "https://169.254.169.254/latest",
            "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[fe80::1]/", "https://[fd00::1]/",
            "https://0.0.0.0/", "https://100.64.0.1/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/",
        ])
    func inner(url: String) throws {
        let address = try #require(OutgoingAddress(url))
        #expect(throws: OutgoingAddress.Refusal.self) { try address.resolved(allowPrivate: false) }
    }

    @Test("public numbers pass, by https only; private ones where the operator allows them")
    func outer() throws {
        #expect(try OutgoingAddress("https://1.1.1.1/x")?.resolved(allowPrivate: false) == ["1.1.1.1"])
        #expect(throws: OutgoingAddress.Refusal.plain) {
            try OutgoingAddress("http://1.1.1.1/x")?.resolved(allowPrivate: false)
        }
        #expect(try OutgoingAddress("http://127.0.0.1:9/x")?.resolved(allowPrivate: true) == ["127.0.0.1"])
        #expect(try OutgoingAddress("https://[2606:4700::1111]/")?.resolved(allowPrivate: false) == ["2606:4700::1111"])
    }

    @Test(
        "what is no plain address is none",
        arguments: [
            "", "x", "ftp://a.com", "https://", "https://a b.com", "https://u@a.com", "https://a.com/#f",
            "https://a.com\\b", "https://a.com:0/", "javascript:alert(1)", "https://a.com/\n",
        ])
    func none(url: String) {
        #expect(OutgoingAddress(url) == nil)
    }
}
