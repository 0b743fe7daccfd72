import CCurl
import Dispatch
import Engine
import Foundation
import Storage
import Synchronization

/// What several threads add to.
private final class Gathered<Value: Sendable>: Sendable {
    let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }
}

/// Letters on their way to a mail server: as Perennial makes and hands them over, and by libcurl alone.
struct MailLoad {
    let platform: Platform
    let letters: Int
    let port: Int
    let connections: Int
    let template: Int64

    /// What is handed over at once, and how many such parts at once, as the dispatcher does.
    private static let (part, lanes) = (16, 3)

    /// The letters as they leave, without handing them over.
    func keep() async throws -> [MailEnvelope] {
        let kept = Gathered<[MailEnvelope]>([])
        try await each { letters, _ in
            kept.value.withLock { $0 += letters }
            return letters.map { _ in MailAnswer(.accepted, code: 250) }
        }
        return kept.value.withLock { $0 }
    }

    /// Seconds to render, sign and hand over all of them.
    func whole() async throws -> Double {
        let pool = SMTPPool(connections: connections)
        return try await BenchStore.seconds { try await each { await pool.send($0, to: $1) } }
    }

    private func each(_ transport: @escaping MailTransport) async throws {
        let (platform, letters, id) = (platform, letters, template)
        let maker = try await LetterMaker(platform, template: id)
        let channel = EmailChannel(transport: transport)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<Self.lanes {
                group.addTask {
                    for start in stride(from: lane * Self.part, to: letters, by: Self.lanes * Self.part) {
                        let numbers = (start + 1)...min(start + Self.part, letters)
                        let made = try await maker.make(numbers.map { Int64($0) })
                        for outcome in await channel.send(made, platform) where outcome != .sent(providerID: "") {
                            throw CommandFailure("A letter was not taken: \(outcome)", remedy: "Is the server there?")
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Seconds that libcurl alone takes for the same letters: one handle a thread, nothing looked at but whether it worked.
    /// `signers`: each signs every letter on its connection's thread before it goes, which shows what signing alone costs.
    func bare(_ kept: [MailEnvelope], signedBy signers: [DKIMSigner] = []) async throws -> Double {
        let (connections, port) = (connections, port)
        let failures = Gathered(0)
        let seconds = try await BenchStore.seconds {
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    DispatchQueue.concurrentPerform(iterations: connections) { number in
                        let failed = BareMail(port: port, signers: signers).send(
                            stride(from: number, to: kept.count, by: connections).map { kept[$0] })
                        failures.value.withLock { $0 += failed }
                    }
                    continuation.resume()
                }
            }
        }
        guard failures.value.withLock({ $0 }) == 0 else {
            throw CommandFailure("libcurl failed with some letters.", remedy: "Is the server there?")
        }
        return seconds
    }

    /// All of it: planned, then sent by the service. Returns how many were sent, and the seconds of sending.
    func dispatched() async throws -> (Int, Double) {
        let (platform, people, id) = (platform, letters, template)
        for first in stride(from: 1, through: people, by: 5_000) {
            _ = try await platform.store.write { connection in
                let now = platform.effects.now()
                return try Messages.plan(
                    (first...min(first + 4_999, people)).map {
                        MessagePlan(
                            key: "bench:\($0)", profileID: Int64($0), templateID: id, origin: .api, due: now)
                    }, at: now, connection)
            }
        }
        let pool = SMTPPool(connections: connections)
        let service = MessageService(
            platform: platform, channels: ChannelCatalog([EmailChannel { await pool.send($0, to: $1) }]),
            address: "https://perennial.example")
        let seconds = try await BenchStore.seconds { try await service.catchUp() }
        let sent = try await platform.store.read { connection in
            try connection.first("SELECT count(*) FROM messages WHERE state = 'sent'")?.int(0) ?? 0
        }
        return (Int(sent), seconds)
    }
}

/// Makes letters as the dispatcher does, for people who are read from the store in parts.
private struct LetterMaker: Sendable {
    private let platform: Platform
    private let composer: MessageComposer
    private let workspace: Workspace

    init(_ platform: Platform, template id: Int64) async throws {
        self.platform = platform
        let effects = platform.effects
        (composer, workspace) = try await platform.store.write { connection in
            let template = try MessageTemplates.get(id, connection)
            let composer = MessageComposer(
                template: template,
                content: try MessageTemplates.content(id, version: template.version, connection),
                policy: try MessagePolicy.load(connection),
                links: try MessageLinks.load(
                    address: "https://perennial.example", platform.seal, effects, connection), now: effects.now())
            return (composer, try Workspace.load(connection))
        }
    }

    func make(_ people: [Int64]) async throws -> [OutgoingMessage] {
        let (composer, workspace) = (composer, workspace)
        return try await platform.store.read { connection in
            try people.map { id in
                guard let person = try RecipientFacts.load(id, workspace, connection) else {
                    throw ProfileError.notFound(id)
                }
                let values = try TemplateValues.load(
                    person, event: [:], workspace, at: composer.now, only: [], connection)
                let made = try composer.make(message: 1 << 61 | id, person, values)
                return OutgoingMessage(1 << 61 | id, to: person, at: BenchAudience.address(of: Int(id)), made)
            }
        }
    }
}

/// The peer: libcurl with one connection that is kept open, and letters that are there already.
private struct BareMail {
    let port: Int
    let signers: [DKIMSigner]

    private final class Upload {
        let bytes: [UInt8]
        var place = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }
    }

    /// Returns how many failed.
    func send(_ letters: [MailEnvelope]) -> Int {
        guard let curl = curl_easy_init() else { return letters.count }
        defer { curl_easy_cleanup(curl) }
        ccurl_set_text(curl, CURLOPT_URL, "smtp://127.0.0.1:\(port)/brand.example")
        ccurl_set_text(curl, CURLOPT_PROXY, "")
        ccurl_set_long(curl, CURLOPT_NOSIGNAL, 1)
        ccurl_set_long(curl, CURLOPT_UPLOAD, 1)
        ccurl_set_transfer(curl, CURLOPT_READFUNCTION) { bytes, size, count, context in
            guard let context, let bytes else { return 0 }
            let upload = Unmanaged<Upload>.fromOpaque(context).takeUnretainedValue()
            let taken = min(size * count, upload.bytes.count - upload.place)
            upload.bytes.withUnsafeBytes { from in
                UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: from[upload.place..<(upload.place + taken)]))
            }
            upload.place += taken
            return taken
        }
        var failures = 0
        for letter in letters {
            do {
                for signer in signers { _ = try signer.sign(letter.bytes) }
            } catch {
                failures += 1
                continue
            }
            let upload = Upload(letter.bytes)
            let recipients = curl_slist_append(nil, "<\(letter.to)>")
            ccurl_set_text(curl, CURLOPT_MAIL_FROM, "<\(letter.from)>")
            ccurl_set_list(curl, CURLOPT_MAIL_RCPT, recipients)
            ccurl_set_size(curl, CURLOPT_INFILESIZE_LARGE, curl_off_t(letter.bytes.count))
            ccurl_set_pointer(curl, CURLOPT_READDATA, Unmanaged.passUnretained(upload).toOpaque())
            if withExtendedLifetime(upload, { curl_easy_perform(curl) }) != CURLE_OK { failures += 1 }
            curl_slist_free_all(recipients)
        }
        return failures
    }
}
