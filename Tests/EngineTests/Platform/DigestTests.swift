import Foundation
import Testing

@testable import Engine

@Suite("Digests")
struct DigestTests {
    @Test("SHA-256 is that of FIPS 180-4, for many threads at once")
    func sha256() async {
        let wanted = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 {
                group.addTask { (0..<1_000).allSatisfy { _ in Digest.sha256(Array("abc".utf8)) == wanted } }
            }
            for await isRight in group { #expect(isRight) }
        }
        #expect(Digest.sha256([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test("every byte has two digits")
    func hexadecimal() {
        #expect(Digest.hexadecimal([]).isEmpty)
        #expect(Digest.hexadecimal([0x00, 0x09, 0x0A, 0x0F, 0x90, 0xA0, 0xFF]) == "00090a0f90a0ff")
    }

    @Test("a key that is kept signs as one that is handed over each time")
    func keptKey() {
        // RFC 4231 §4.3
        let jefe = HMACKey(Array("Jefe".utf8)).mac(Array("what do ya want for nothing?".utf8)[...])
        #expect(
            Digest.hexadecimal(jefe) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        var random = SeededGenerator(seed: 4_231)
        for count in 0..<140 {
            let key = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            let message = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            #expect(HMACKey(key).mac(message[...]) == Digest.hmac(message, key: key), "\(count)")
        }
    }

    @Test("Base64 for addresses is Foundation's with other signs and no padding")
    func base64() {
        var random = SeededGenerator(seed: 4_648)
        for count in 0..<100 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            let wanted = Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
                .replacing("=", with: "")
            #expect(Base64URL.text(bytes) == wanted && Base64URL.bytes(wanted) == bytes)
        }
        for bad in ["AA==", "A+", "A/", "A A", "é"] { #expect(Base64URL.bytes(bad) == nil, "\(bad)") }
    }
}
