import Foundation
import Storage

/// What a mail that came back says: a delivery report (RFC 3464), or a complaint (ARF, RFC 5965).
package struct BounceReport: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// For good.
        case failed
        /// For now; the other server goes on trying.
        case delayed
        case delivered
        case complaint
    }

    package var kind: Kind
    /// Of the message that it is about, by the address it came back to or the `Message-ID` that it encloses.
    package var message: Int64?
    /// `5.1.1`
    package var status: String
    package var detail: String

    /// Nil for a mail that is neither. `recipient`: the envelope's, when it is known.
    package init?(_ bytes: [UInt8], recipient: String = "") {
        guard bytes.count <= EmailLimits.reportBytes else { return nil }
        let text = String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n")
        let head = MailHead(text.prefix(upTo: text.range(of: "\n\n")?.lowerBound ?? text.endIndex))
        let parts = Self.parts(text, head)
        let isComplaint = parts.contains {
            $0.head["content-type"]?.lowercased().hasPrefix("message/feedback-report") == true
        }
        let report = parts.first { part in
            let type = part.head["content-type"]?.lowercased() ?? ""
            return type.hasPrefix("message/delivery-status") || type.hasPrefix("message/global-delivery-status")
        }
        // What is neither is not looked through: anything may lie in a mailbox.
        guard isComplaint || report != nil else { return nil }
        message = Self.message(
            [recipient, head["to"] ?? "", head["delivered-to"] ?? "", head["x-original-to"] ?? ""], text)
        if isComplaint {
            (kind, status, detail) = (.complaint, "", "complaint")
            return
        }
        guard let report else { return nil }
        // The first group of fields is about the report, one for each recipient follows (§2.1).
        let groups = report.body.split(separator: /\n\s*\n/).map { MailHead($0) }
        guard let fields = groups.first(where: { $0["action"] != nil }) else { return nil }
        status = fields["status"].map { String($0.prefix { $0.isNumber || $0 == "." }) } ?? ""
        detail = fields["diagnostic-code"] ?? status
        switch fields["action"]?.lowercased() ?? "" {
        case "failed": kind = .failed
        case "delayed": kind = .delayed
        case "delivered", "relayed", "expanded": kind = .delivered
        default: return nil
        }
    }

    private struct Part {
        var head: MailHead
        var body: String
    }

    private static let partsMax = 50

    private static func parts(_ text: String, _ head: MailHead) -> [Part] {
        guard let type = head["content-type"], type.lowercased().hasPrefix("multipart/"),
            let found = type.firstMatch(of: /(?i)boundary\s*=\s*(?:"([^"]+)"|([^\s;]+))/)
        else { return [] }
        let boundary = String(found.1 ?? found.2 ?? "")
        return text.components(separatedBy: "\n--" + boundary).dropFirst().prefix(partsMax).map { piece in
            let body = piece.drop { $0 == "\n" || $0 == " " }
            guard let end = body.range(of: "\n\n") else { return Part(head: MailHead(body), body: "") }
            return Part(head: MailHead(body[..<end.lowerBound]), body: String(body[end.upperBound...]))
        }
    }

    private static func message(_ recipients: [String], _ text: String) -> Int64? {
        for recipient in recipients {
            if let found = recipient.firstMatch(of: /(?i)bounce\+(\d{1,19})@/) { return Int64(found.1) }
        }
        return text.firstMatch(of: /(?i)\nMessage-ID:\s*<(\d{1,19})@/).flatMap { Int64($0.1) }
    }

    /// Takes what it says to the message. Returns whether something changed. Throws: `StorageError`.
    @discardableResult
    package func apply(_ effects: Effects, _ connection: any SQLConnection) throws -> Bool {
        guard let message else { return false }
        switch kind {
        case .delayed: return false
        case .delivered:
            return try MessageProgress.receive(.delivered, of: message, channel: "email", effects, connection)
        case .complaint:
            return try MessageProgress.receive(
                .complained(detail: detail), of: message, channel: "email", effects, connection)
        case .failed:
            let reason = status.hasPrefix("5.1") ? "no_such_address" : status == "5.2.2" ? "mailbox_full" : "refused"
            return try MessageProgress.receive(
                .bounced(reason: reason, detail: String(detail.prefix(500))), of: message, channel: "email", effects,
                connection)
        }
    }
}

/// The fields at the top of a mail, unfolded, the first of each name.
struct MailHead {
    private var fields: [String: String] = [:]

    init(_ text: some StringProtocol) {
        for line in String(text).replacing(/\n[ \t]+/, with: " ").split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let name = line[..<colon].lowercased()
            if fields[name] == nil { fields[name] = Whitespace.trim(String(line[line.index(after: colon)...])) }
        }
    }

    subscript(_ name: String) -> String? { fields[name] }
}
