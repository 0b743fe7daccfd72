import HTTPTypes
import Hummingbird
import NIOCore

/// Who is at the other end, as the connection tells.
struct Visitor: Sendable {
    var userAgent: String
    /// The visitor's address; behind a proxy of ours the one that it forwards.
    var address: String
    /// A browser sent it for a page, not a server on somebody's behalf.
    var isBrowser: Bool
    /// A page loaded ahead, before anybody saw it.
    var isAhead: Bool
    /// Asks not to be tracked (Global Privacy Control, or Do Not Track).
    var isPrivate: Bool

    private static let userAgentCharacters = 512

    init(_ request: Request, _ web: WebContext) {
        let headers = request.headers
        userAgent = String((headers[.userAgent] ?? "").prefix(Self.userAgentCharacters))
        address = Self.address(of: request, peer: web.remoteAddress?.ipAddress ?? "")
        isBrowser = headers[.origin] != nil || headers[.referer] != nil
        isAhead = [headers[Name.secPurpose], headers[Name.purpose], headers[Name.moz]].contains { word in
            word.map { $0.contains("prefetch") || $0.contains("preview") } ?? false
        }
        isPrivate = headers[Name.gpc] == "1" || headers[Name.dnt] == "1"
    }

    /// The address of whoever sent a request that came from a peer.
    static func address(of request: Request, peer: String) -> String {
        address(peer: peer, forwarded: request.headers[Name.forwardedFor])
    }

    /// `X-Forwarded-For` is believed only from a neighbour (a proxy on this machine or in its network): its last public
    /// address is the one that the proxy saw.
    static func address(peer: String, forwarded: String?) -> String {
        guard isNeighbour(peer), let forwarded else { return peer }
        let hops = forwarded.split(separator: ",").map { $0.filter { $0 != " " } }
        return hops.last { !isNeighbour($0) && isAddress($0) } ?? peer
    }

    private static func isAddress(_ text: String) -> Bool {
        do {
            _ = try SocketAddress(ipAddress: text, port: 0)
            return true
        } catch {
            return false
        }
    }

    private static func isNeighbour(_ text: String) -> Bool {
        let parts = text.split(separator: ".").compactMap { UInt8($0) }
        guard parts.count == 4 else {
            return text.isEmpty || text == "::1" || text.hasPrefix("fc") || text.hasPrefix("fd")
                || text.hasPrefix("fe80")
                || text.hasPrefix("::ffff:127.")
        }
        switch (parts[0], parts[1]) {
        case (127, _), (10, _), (192, 168), (169, 254), (172, 16...31): return true
        default: return false
        }
    }

    private enum Name {
        static let forwardedFor = name("X-Forwarded-For")
        static let secPurpose = name("Sec-Purpose")
        static let purpose = name("Purpose")
        static let moz = name("X-Moz")
        static let gpc = name("Sec-GPC")
        static let dnt = name("DNT")

        private static func name(_ text: String) -> HTTPField.Name {
            guard let name = HTTPField.Name(text) else { preconditionFailure("a header name") }
            return name
        }
    }
}
