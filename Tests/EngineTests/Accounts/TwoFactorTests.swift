import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("The second factor")
struct TwoFactorTests {
    /// RFC 6238, appendix B: time, and the codes with SHA-1, SHA-256 and SHA-512.
    private static let published: [(Int64, String, String, String)] = [
        (59, "94287082", "46119246", "90693936"), (1_111_111_109, "07081804", "68084774", "25091201"),
        (1_111_111_111, "14050471", "67062674", "99943326"), (1_234_567_890, "89005924", "91819424", "93441116"),
        (2_000_000_000, "69279037", "90698825", "38618901"), (20_000_000_000, "65353130", "77737706", "47863826"),
    ]

    @Test("codes are those of RFC 6238")
    func vectors() {
        func secret(_ count: Int) -> [UInt8] { (0..<count).map { Array("1234567890".utf8)[$0 % 10] } }
        let algorithms: [(TOTP.Algorithm, Int)] = [(.sha1, 20), (.sha256, 32), (.sha512, 64)]
        for (seconds, sha1, sha256, sha512) in Self.published {
            let step = TOTP.step(at: Timestamp(seconds: seconds))
            for ((algorithm, count), expected) in zip(algorithms, [sha1, sha256, sha512]) {
                let totp = TOTP(secret: secret(count), digits: 8, algorithm: algorithm)
                #expect(totp.code(step: step) == expected, "\(algorithm) at \(seconds)")
            }
        }
    }

    /// RFC 4648 §10, without padding.
    @Test("secrets are written in Base32")
    func base32() {
        for (plain, text) in [("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")] {
            #expect(Base32.text(Array(plain.utf8)) == text)
            #expect(Base32.bytes(text.lowercased()) == Array(plain.utf8))
        }
        #expect(Base32.bytes("1!") == nil)
    }

    @Test("a code is good once, one step late or early, and never again")
    func replay() {
        let totp = TOTP(secret: [UInt8](repeating: 5, count: 20))
        let now = Timestamp(seconds: 3_000_000)
        let step = TOTP.step(at: now)
        let code = totp.code(step: step - 1)
        #expect(totp.step(matching: code, at: now, after: 0) == step - 1)
        #expect(totp.step(matching: code, at: now, after: step - 1) == nil)
        #expect(totp.step(matching: totp.code(step: step - 2), at: now, after: 0) == nil)
    }

    @Test("a sealed secret opens for its purpose and under its key only")
    func seal() throws {
        let seal = Seal(key: [UInt8](repeating: 1, count: 32))
        let sealed = seal.seal("JBSWY3DP 秘密", for: "a", .live)
        #expect(!sealed.contains("JBSWY3DP"))
        #expect(sealed != seal.seal("JBSWY3DP 秘密", for: "a", .live))
        #expect(try seal.open(sealed, for: "a") == "JBSWY3DP 秘密")
        let wrong: [(Seal, String, String)] = [
            (seal, sealed, "b"), (Seal(key: [UInt8](repeating: 2, count: 32)), sealed, "a"),
            (seal, String(sealed.dropLast(8)) + "AAAAAAAA", "a"), (seal, "v1.", "a"), (seal, "plain", "a"),
        ]
        for (one, text, purpose) in wrong {
            #expect(throws: SealError.unreadable) { try one.open(text, for: purpose) }
        }
    }

    @Test("a revision tells when a definition changed")
    func revision() throws {
        var workspace = Workspace()
        let seen = try Revision(of: workspace)
        try Revision.check(seen.text, against: workspace)
        workspace.name = "茶"
        let now = try Revision(of: workspace)
        #expect(throws: EditConflict(current: now)) { try Revision.check(seen.text, against: workspace) }
        #expect(throws: EditConflict(current: now)) { try Revision.check(nil, against: workspace) }
    }

    @Test("setting up, signing in, recovery codes and the end", arguments: StoreKind.allCases)
    func life(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let platform = Platform(store: store, analytics: ClosedAnalyticsStore("not in this test"))
            let (effects, seal) = (platform.effects, platform.seal)
            let origin = SignInOrigin(address: "10.0.0.1", userAgent: "test")
            let hash = try await PasswordHash.make("four words in a row", effects: effects)
            let user = try await store.write { connection in
                let user = try Users.create(
                    email: "a@b.c", name: "A", role: .admin, language: "en", by: "test", connection, effects)
                try Users.change(
                    password: hash, of: user.id, keeping: nil, by: "test", connection, at: effects.now())
                try TwoFactor.begin(user, seal, connection, effects)
                return user
            }
            let totp = try #require(try await store.read { try TwoFactor.pending(of: user, seal, $0) })
            let step = TOTP.step(at: effects.now())
            await #expect(throws: AccountError.wrongCode) {
                try await store.write { try TwoFactor.confirm(user, code: "12345", seal, $0, effects) }
            }
            let codes = try await store.write {
                try TwoFactor.confirm(user, code: totp.code(step: step), seal, $0, effects)
            }
            #expect(codes.count == AccountLimits.recoveryCodes && Set(codes).count == codes.count)
            let stored = try await store.read { try $0.first("SELECT secret FROM two_factors")?.text(0) ?? "" }
            #expect(!stored.contains(Base32.text(totp.secret)))

            func challenge() async throws -> String {
                let outcome = try await SignIn.attempt(
                    email: "a@b.c", password: "four words in a row", from: origin, replacing: nil, on: store, effects)
                guard case .challenge(let token) = outcome else { throw AccountError.wrongPassword }
                return token
            }
            func answer(_ token: String, _ code: String) async throws -> SignInChallenge.Outcome {
                try await SignInChallenge.answer(token, code: code, from: origin, replacing: nil, platform)
            }
            // The code that confirmed is used up; the next one, and a recovery code once, open the door.
            let first = try await challenge()
            #expect(try await answer(first, totp.code(step: step)) == .wrongCode)
            guard case .signedIn = try await answer(first, totp.code(step: step + 1)) else {
                Issue.record("the next code must be taken")
                return
            }
            #expect(try await answer(first, totp.code(step: step + 1)) == .notValid)
            let second = try await challenge()
            guard case .signedIn = try await answer(second, " \(codes[0].uppercased()) ") else {
                Issue.record("a recovery code must be taken")
                return
            }
            let third = try await challenge()
            #expect(try await answer(third, codes[0]) == .wrongCode)
            for _ in 1..<AccountLimits.failuresByAccount { _ = try await answer(third, "000000") }
            guard case .wait = try await answer(third, codes[1]) else {
                Issue.record("wrong codes must make the account wait")
                return
            }
            let standing = try await store.read { try TwoFactor.standing(of: user.id, $0) }
            #expect(standing.recoveryCodesLeft == codes.count - 1 && standing.since != nil)
            try await store.write { try TwoFactor.turnOff(user.id, by: "user:1", $0, at: effects.now()) }
            guard
                case .signedIn = try await SignIn.attempt(
                    email: "a@b.c", password: "four words in a row", from: origin, replacing: nil, on: store, effects)
            else {
                Issue.record("without a second factor the password is enough")
                return
            }
        }
    }
}
