import ArgumentParser
import Engine
import Foundation
import Storage

/// `perennial bench mail`: letters made, signed and handed to a mail server, beside libcurl alone with the same letters.
struct BenchMail: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mail",
        abstract: "Render, sign and hand over letters, beside libcurl alone with the very same letters.",
        discussion: """
            Needs a mail server that takes everything, such as Postfix's `smtp-sink -c 127.0.0.1:2525 1000`.

            EXAMPLES
              perennial bench mail --port 2525 --letters 5000
              perennial bench mail --port 2525 --dispatch --store postgres://localhost/bench
            """)

    @Option(help: "The mail server's port on this machine.")
    var port: Int
    @Option(help: "How many letters.")
    var letters = 5_000
    @Option(help: "Connections at once, of both.")
    var connections = 4
    @Flag(
        help:
            "Take them through the store, too: planned, claimed, allowed, written down as being sent, and what became.")
    var dispatch = false
    @Option(help: "With --dispatch: a fresh PostgreSQL database in place of a file that is thrown away.")
    var store: String?
    @Flag(help: "Print one JSON object instead of text.")
    var json = false

    private struct Found: Sendable {
        var made = 0.0
        var bare = 0.0
        var signed = 0.0
        var bytes = 0
        var durable: Double?
    }

    func run() async throws {
        ProcessMemory.keepFreed()
        let found = try await BenchStore.with(store) { platform, _ in
            let audience = BenchAudience(platform: platform, people: letters)
            try await audience.fill()
            try await setUp(platform)
            let load = MailLoad(
                platform: platform, letters: letters, port: port, connections: connections,
                template: try await audience.template())
            let kept = try await load.keep()
            // Each once before it counts: connections, caches, the server's own start.
            _ = try await load.bare(Array(kept.prefix(200)))
            var found = Found(bytes: kept.reduce(0) { $0 + $1.bytes.count } / max(kept.count, 1))
            found.made = Double(letters) / (try await load.whole())
            found.bare = Double(kept.count) / (try await load.bare(kept))
            let signers = try DKIMKey.Algorithm.allCases.map { try DKIMKey.make($0).signer() }
            found.signed = Double(kept.count) / (try await load.bare(kept, signedBy: signers))
            if dispatch {
                let (sent, seconds) = try await load.dispatched()
                found.durable = Double(sent) / seconds
            }
            return found
        }
        let ratio = (found.made / found.bare * 100).rounded() / 100
        let signed = (found.made / found.signed * 100).rounded() / 100
        let durable = found.durable.map { ",\"durable_per_second\":\(Int($0))" } ?? ""
        if json {
            print(
                """
                {"letters":\(letters),"bytes":\(found.bytes),"connections":\(connections),\
                "per_second":\(Int(found.made)),"bare_per_second":\(Int(found.bare)),"ratio":\(ratio),\
                "signed_bare_per_second":\(Int(found.signed)),"signed_ratio":\(signed)\(durable)}
                """)
        } else {
            print(
                """
                \(letters) letters of \(found.bytes) bytes over \(connections) connections: \(Int(found.made))/s made, \
                signed twice and handed over, libcurl alone \(Int(found.bare))/s, ratio \(ratio); \
                libcurl with nothing but the two signatures \(Int(found.signed))/s, ratio \(signed)
                """)
            if let durable = found.durable {
                print("\(Int(durable))/s through the store: claimed, allowed, written down before and after")
            }
        }
    }

    private func setUp(_ platform: Platform) async throws {
        let port = port
        try await platform.store.write { connection in
            var email = EmailSettings()
            (email.host, email.port, email.security) = ("127.0.0.1", port, .none)
            (email.fromName, email.fromAddress) = ("Tea House", "hello@brand.example")
            (email.dkimDomain, email.perSecond, email.perDomainMinute) = ("brand.example", 0, 0)
            _ = try EmailSettings.save(
                email, password: nil, by: "bench", platform.seal, platform.effects, connection)
            var policy = MessagePolicy()
            (policy.caps, policy.quietFrom, policy.quietTo) = ([], 0, 0)
            try policy.save(by: "bench", platform.effects, connection)
        }
    }
}
