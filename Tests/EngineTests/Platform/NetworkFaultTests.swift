import Testing

@testable import Engine

@Suite("Faults of the network")
struct NetworkFaultTests {
    @Test("libcurl's own words are known for what they are")
    func known() async throws {
        do {
            _ = try await OutgoingRequest.send(OutgoingRequest(url: "http://127.0.0.1:1/"))
            Issue.record("somebody answers at port 1")
        } catch {
            #expect(NetworkFault(words: NetworkFault.words(of: error)) == .notConnected)
        }
        #expect(NetworkFault(words: "Timeout was reached") == .timedOut)
        #expect(NetworkFault(words: "Login denied") == .loginDenied)
    }

    @Test("so are ours; those of others are left as they are")
    func ours() {
        let refusals: [(OutgoingAddress.Refusal, NetworkFault)] = [
            (.privateAddress("10.0.0.1"), .privateAddress), (.unknownHost("nobody.example"), .unknownHost),
            (.plain, .notEncrypted),
        ]
        for (refusal, fault) in refusals { #expect(NetworkFault(words: NetworkFault.words(of: refusal)) == fault) }
        for words in ["", "550 5.1.1 no such user", "550 the user is not known", "No error"] {
            #expect(NetworkFault(words: words) == nil, "\(words)")
        }
    }
}
