import Foundation

/// DKIM signatures (RFC 6376; Ed25519 by RFC 8463), relaxed/relaxed.
struct DKIMSignature {
    var domain: String
    var selector: String
    var algorithm: DKIMKey.Algorithm
    var signer: DKIMSigner
    /// Seconds since 1970; nil: not told.
    var seconds: Int64?

    /// Throws: `EmailError.badKey`.
    init(domain: String, selector: String, key: DKIMKey, seconds: Int64?, signer: DKIMSigner? = nil) throws {
        self.domain = domain
        self.selector = selector
        algorithm = key.algorithm
        self.signer = try signer ?? key.signer()
        self.seconds = seconds
    }

    /// Those that make a letter what it is; unsubscribing is signed too, as RFC 8058 §4 asks.
    static let signedHeaders = [
        "from", "to", "subject", "date", "message-id", "reply-to", "mime-version", "content-type", "list-unsubscribe",
        "list-unsubscribe-post",
    ]

    /// What is signed of a letter's fields: the same for each of its keys.
    struct Head {
        /// `from:to:subject`
        let names: String
        /// §3.4.2, a line each.
        let text: [UInt8]

        /// `fields` are the letter's, from the first to the last.
        init(_ fields: [(name: String, value: String)]) {
            // Of a field that stands more than once the last counts (§5.4.2); ours stand once.
            let named = Dictionary(fields.map { ($0.name.lowercased(), $0.value) }) { _, last in last }
            var names: [String] = []
            var text: [UInt8] = []
            for name in signedHeaders {
                guard let value = named[name] else { continue }
                names.append(name)
                text += relaxed(name, value)
                text += [carriageReturn, lineFeed]
            }
            self.names = names.joined(separator: ":")
            self.text = text
        }
    }

    /// The header line that goes on top, with its line end. `bodyHash` is that of the letter's body.
    /// Throws: `EmailError.badKey`.
    func header(_ head: Head, bodyHash: String) throws -> String {
        var tags = ["v=1", "a=\(algorithm.rawValue)", "c=relaxed/relaxed", "d=\(domain)", "s=\(selector)"]
        if let seconds { tags.append("t=\(seconds)") }
        tags += ["h=" + head.names, "bh=\(bodyHash)", "b="]
        let text = head.text + Self.relaxed("dkim-signature", tags.joined(separator: "; "))
        return "DKIM-Signature: \(tags.joined(separator: ";\r\n "))\(try folded(signer.sign(text)))\r\n"
    }

    private static let signatureLine = 70

    private func folded(_ signature: String) -> String {
        let bytes = Array(signature.utf8)
        return stride(from: 0, to: bytes.count, by: Self.signatureLine).map {
            String(decoding: bytes[$0..<min($0 + Self.signatureLine, bytes.count)], as: UTF8.self)
        }.joined(separator: "\r\n ")
    }

    /// What `bh=` says of a body whose lines end in CRLF.
    static func bodyHash(_ body: [UInt8]) -> String {
        Data(Digest.sha256Bytes(relaxed(body: body))).base64EncodedString()
    }

    private static let (tab, lineFeed, carriageReturn, blank) = (UInt8(9), UInt8(10), UInt8(13), UInt8(32))

    /// §3.4.2
    static func relaxed(_ name: String, _ value: String) -> [UInt8] {
        var out = Array(Whitespace.trim(name).lowercased().utf8)
        out.append(UInt8(ascii: ":"))
        var isBlank = false
        let start = out.count
        for byte in value.utf8 where byte != carriageReturn && byte != lineFeed {
            if byte == blank || byte == tab {
                isBlank = true
                continue
            }
            if isBlank, out.count > start { out.append(blank) }
            isBlank = false
            out.append(byte)
        }
        return out
    }

    /// §3.4.4: runs of blanks are one, none at the end of a line, no empty lines at the end.
    static func relaxed(body: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(body.count + 2)
        body.withUnsafeBufferPointer { relax($0, into: &out) }
        if !out.isEmpty { out += [carriageReturn, lineFeed] }
        return out
    }

    private static func relax(_ body: UnsafeBufferPointer<UInt8>, into out: inout [UInt8]) {
        var isBlank = false
        var lineEnds = 0
        var place = 0
        while place < body.count {
            let byte = body[place]
            if byte == blank || byte == tab {
                isBlank = true
                place += 1
                continue
            }
            if byte == carriageReturn, place + 1 < body.count, body[place + 1] == lineFeed {
                isBlank = false
                lineEnds += 1
                place += 2
                continue
            }
            for _ in 0..<lineEnds {
                out.append(carriageReturn)
                out.append(lineFeed)
            }
            lineEnds = 0
            if isBlank { out.append(blank) }
            isBlank = false
            let end = runEnd(body, from: place + 1)
            out.append(contentsOf: UnsafeBufferPointer(rebasing: body[place..<end]))
            place = end
        }
    }

    /// The end of what stands as it is: words with one blank between each two.
    private static func runEnd(_ body: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var place = start
        while place < body.count {
            let byte = body[place]
            if byte == tab || byte == carriageReturn { break }
            if byte == blank {
                guard place + 1 < body.count else { break }
                let next = body[place + 1]
                if next == blank || next == tab || next == carriageReturn { break }
            }
            place += 1
        }
        return place
    }
}
