import HTTPTypes
import Hummingbird
import NIOCore

/// The network that a request comes from, as those who guess are counted by: an IPv4 address, of IPv6 the first 64 bits,
/// since whoever has one address there has 2^64 of them (RFC 4291, 2.5.4).
enum ClientNetwork {
    /// The visitor's, behind a proxy of ours the one that it forwards (`Visitor.address`); nil of a request that came by
    /// no connection.
    static func of(_ request: Request, _ peer: SocketAddress?) -> String? {
        guard let peer = peer?.ipAddress else { return nil }
        return network(of: Visitor.address(of: request, peer: peer))
    }

    static func network(of address: String) -> String {
        guard case .v6(let found)? = parsed(address) else { return address }
        let bytes = withUnsafeBytes(of: found.address.sin6_addr) { Array($0) }
        // An IPv4 address in IPv6's clothes (RFC 4291, 2.5.5.2).
        if bytes.prefix(10).allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF {
            return bytes[12...].map { String($0) }.joined(separator: ".")
        }
        return bytes.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "/64"
    }

    private static func parsed(_ address: String) -> SocketAddress? {
        do { return try SocketAddress(ipAddress: address, port: 0) } catch { return nil }
    }
}
