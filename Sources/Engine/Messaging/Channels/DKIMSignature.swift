import Foundation

/// DKIM signatures (RFC 6376; Ed25519 by RFC 8463), relaxed/relaxed.
struct DKIMSignature {
    var domain: String
    var selector: String
    var key: DKIMKey
    /// Seconds since 1970; nil: not told.
    var seconds: Int64?
    var headers = DKIMSignature.signedHeaders

    /// Those that make a letter what it is; unsubscribing is signed too, as RFC 8058 §4 asks.
    static let signedHeaders = [
        "From", "To", "Subject", "Date", "Message-ID", "Reply-To", "MIME-Version", "Content-Type", "List-Unsubscribe",
        "List-Unsubscribe-Post",
    ]

    /// The header line that goes on top, with its line end. `fields` are the letter's, from the first to the last, and
    /// `body` has lines that end in CRLF. Throws: `EmailError.badKey`.
    func header(_ fields: [(name: String, value: String)], body: String) throws -> String {
        var chosen: [(name: String, value: String)] = []
        for name in headers {
            // Of a field that stands more than once the last counts (§5.4.2); ours stand once.
            if let field = fields.last(where: { $0.name.lowercased() == name.lowercased() }) { chosen.append(field) }
        }
        let hash = Data(Digest.sha256Bytes(Array(Self.relaxed(body: body).utf8))).base64EncodedString()
        let time = seconds.map { "t=\($0); " } ?? ""
        let value =
            "v=1; a=\(key.algorithm.rawValue); c=relaxed/relaxed; d=\(domain); s=\(selector); \(time)"
            + "h=\(chosen.map { $0.name.lowercased() }.joined(separator: ":")); bh=\(hash); b="
        var text = ""
        for field in chosen { text += Self.relaxed(field.name, field.value) + "\r\n" }
        text += Self.relaxed("DKIM-Signature", value)
        return "DKIM-Signature: \(value.replacing("; ", with: ";\r\n "))\(try folded(key.sign(Array(text.utf8))))\r\n"
    }

    private func folded(_ signature: String) -> String {
        var out = ""
        for (index, character) in signature.enumerated() {
            if index > 0, index % 70 == 0 { out += "\r\n " }
            out.append(character)
        }
        return out
    }

    /// §3.4.2
    static func relaxed(_ name: String, _ value: String) -> String {
        let unfolded = value.replacing("\r\n", with: "").replacing(/[ \t]+/, with: " ")
        return name.lowercased().trimmingCharacters(in: .init(charactersIn: " \t")) + ":"
            + unfolded.trimmingCharacters(in: .init(charactersIn: " \t"))
    }

    /// §3.4.4
    static func relaxed(body: String) -> String {
        var lines = body.components(separatedBy: "\r\n").map { line in
            String(line.replacing(/[ \t]+/, with: " ").reversed().drop { $0 == " " }.reversed())
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines.isEmpty ? "" : lines.joined(separator: "\r\n") + "\r\n"
    }
}
