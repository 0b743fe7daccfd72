import Storage

/// The address that a code leads to.
struct ChannelTarget {
    var address: String
    var host: String

    /// Throws: `ChannelCodeError.badTarget` for anything but an http or https address with a host and without a user.
    init(_ text: String) throws {
        address = Whitespace.trim(text)
        let lower = address.lowercased()
        guard let scheme = ["https://", "http://"].first(where: lower.hasPrefix),
            address.utf8.count <= ChannelCodeLimits.targetCharacters,
            address.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") })
        else { throw ChannelCodeError.badTarget }
        let authority = lower.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        // `https://shop.example@evil.example/` would lead to the second host.
        guard !authority.isEmpty, !authority.contains("@") else { throw ChannelCodeError.badTarget }
        host = String(authority.prefix { $0 != ":" })
        guard ChannelTargets.isHost(host) else { throw ChannelCodeError.badTarget }
    }
}

/// The hosts that links may lead to: without a list, anybody with a link of the brand's could be sent anywhere.
package enum ChannelTargets {
    /// Throws: `StorageError`.
    package static func list(_ connection: any SQLConnection) throws -> [String] {
        try connection.query("SELECT host FROM channel_targets ORDER BY host").map { try $0.text(0) }
    }

    /// Allows a host, `shop.example.com`, or all below one, `.example.com`. Safe to repeat.
    /// Throws: `ChannelCodeError.badHost`, `.tooMany`, `StorageError`.
    package static func allow(
        _ host: String, by actor: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws {
        let host = Whitespace.trim(host).lowercased()
        guard isHost(host.hasPrefix(".") ? String(host.dropFirst()) : host) else { throw ChannelCodeError.badHost }
        guard try list(connection).count < ChannelCodeLimits.hosts else { throw ChannelCodeError.tooMany }
        try connection.execute(
            """
            INSERT INTO channel_targets (host, created_ms) VALUES (\(host), \(now.milliseconds))
            ON CONFLICT (host) DO NOTHING
            """)
        try AuditLog.append(
            actor: actor, action: "channel_target.allow", subject: "workspace", detail: host, connection, at: now)
    }

    /// Codes that lead there stop at once. Safe to repeat. Throws: `StorageError`.
    package static func forbid(
        _ host: String, by actor: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws {
        try connection.execute("DELETE FROM channel_targets WHERE host = \(host)")
        try AuditLog.append(
            actor: actor, action: "channel_target.forbid", subject: "workspace", detail: host, connection, at: now)
    }

    package static func allows(_ host: String, _ connection: any SQLConnection) throws -> Bool {
        var names = [host]
        var rest = Substring(host)
        while let point = rest.firstIndex(of: ".") {
            names.append(String(rest[point...]))
            rest = rest[rest.index(after: point)...]
        }
        for name in names
        where try connection.first("SELECT host FROM channel_targets WHERE host = \(name)") != nil {
            return true
        }
        return false
    }

    static func isHost(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 253 && !text.hasPrefix(".") && !text.hasSuffix(".") && !text.contains("..")
            && text.utf8.allSatisfy { byte in
                byte >= 48 && byte <= 57 || byte >= 97 && byte <= 122 || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: ".")
            }
    }
}
