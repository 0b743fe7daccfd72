import Foundation

/// An http or https address that another system gave us to call: taken apart strictly, so that what is judged is what
/// is called.
///
/// Requests must not reach this machine or its network unless the operator allows it (server-side request forgery,
/// OWASP A10:2021): the name is looked up once, every address that it has is judged, and the connection is pinned to
/// those, so that a second look-up cannot answer otherwise.
package struct OutgoingAddress: Sendable, Equatable {
    package let text: String
    package let host: String
    package let port: Int
    package let isEncrypted: Bool

    package enum Refusal: Error, Sendable, Equatable {
        case unknownHost(String)
        /// This machine, its network, or another address that is not of the public internet.
        case privateAddress(String)
        /// Plain http goes only to private addresses, where they are allowed.
        case plain
    }

    /// Nil for anything that is no plain http or https address: with a user, a fragment, blanks, a backslash.
    package init?(_ text: String) {
        let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }
        guard isPlain, let parts = URLComponents(string: text, encodingInvalidCharacters: false),
            let scheme = parts.scheme?.lowercased(), scheme == "http" || scheme == "https",
            var host = parts.host, parts.user == nil, parts.password == nil, parts.fragment == nil
        else { return nil }
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        let isName = host.utf8.allSatisfy { byte in
            let scalar = Unicode.Scalar(byte)
            return scalar.properties.isAlphabetic || scalar.properties.numericType != nil || ".-:_".utf8.contains(byte)
        }
        let port = parts.port ?? (scheme == "https" ? 443 : 80)
        guard !host.isEmpty, isName, (1...65_535).contains(port) else { return nil }
        self.text = text
        self.host = host
        self.port = port
        isEncrypted = scheme == "https"
    }

    /// Whom a request reaches, wherever its path leads: scheme, host and port.
    var origin: String { "\(isEncrypted ? "https" : "http")://\(host.lowercased()):\(port)" }

    /// The numeric addresses that may be connected to. Blocks while the name is looked up. Throws: `Refusal`.
    func resolved(allowPrivate: Bool) throws -> [String] {
        let found = try lookUp()
        guard !found.isEmpty else { throw Refusal.unknownHost(host) }
        if !allowPrivate {
            if let inner = found.first(where: { !Self.isPublic($0.bytes) }) { throw Refusal.privateAddress(inner.text) }
            guard isEncrypted else { throw Refusal.plain }
        } else if !isEncrypted, found.contains(where: { Self.isPublic($0.bytes) }) {
            throw Refusal.plain
        }
        return found.map(\.text)
    }

    private func lookUp() throws -> [(bytes: [UInt8], text: String)] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0 else { throw Refusal.unknownHost(host) }
        defer { freeaddrinfo(list) }
        var found: [(bytes: [UInt8], text: String)] = []
        var next = list
        while let entry = next?.pointee {
            var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            if getnameinfo(
                entry.ai_addr, entry.ai_addrlen, &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST) == 0
            {
                let text = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
                found.append((Self.bytes(of: entry), text))
            }
            next = entry.ai_next
        }
        return found
    }

    private static func bytes(of entry: addrinfo) -> [UInt8] {
        let raw = UnsafeRawPointer(entry.ai_addr)
        switch entry.ai_family {
        case AF_INET:
            return raw.map { Array(UnsafeRawBufferPointer(start: $0 + 4, count: 4)) } ?? []
        case AF_INET6:
            return raw.map { Array(UnsafeRawBufferPointer(start: $0 + 8, count: 16)) } ?? []
        default: return []
        }
    }

    /// Whether four or sixteen bytes are an address of the public internet (IANA special-purpose registries).
    static func isPublic(_ bytes: [UInt8]) -> Bool {
        switch bytes.count {
        case 4: return isPublicFour(bytes)
        case 16:
            // ::ffff:0:0/96 and 64:ff9b::/96 carry an IPv4 address.
            if bytes.prefix(10).allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF {
                return isPublicFour(Array(bytes.suffix(4)))
            }
            if bytes.prefix(12) == [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0] {
                return isPublicFour(Array(bytes.suffix(4)))
            }
            // Of 2000::/3 all but Teredo, documentation and 6to4.
            let head = Array(bytes.prefix(4))
            guard bytes[0] & 0xE0 == 0x20 else { return false }
            return head != [0x20, 0x01, 0, 0] && head != [0x20, 0x01, 0x0D, 0xB8] && head.prefix(2) != [0x20, 0x02]
        default: return false
        }
    }

    private static func isPublicFour(_ bytes: [UInt8]) -> Bool {
        switch (bytes[0], bytes[1], bytes[2]) {
        case (0, _, _), (10, _, _), (127, _, _), (224..., _, _): false
        case (100, 64...127, _), (169, 254, _), (172, 16...31, _), (192, 168, _), (198, 18...19, _): false
        case (192, 0, 0), (192, 0, 2), (192, 88, 99), (198, 51, 100), (203, 0, 113): false
        default: true
        }
    }
}
