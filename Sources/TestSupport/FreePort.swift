import Foundation
import Synchronization

/// A loopback port that nobody uses at the moment, and that no outgoing connection takes before its server does: systems
/// give those a port of 32768 or above.
package enum FreePort {
    private static let handedOut = Mutex<Set<Int>>([])

    /// The first of `count` free ports in a row. Throws: `POSIXError(.EADDRINUSE)` when there are none.
    package static func find(inRow count: Int = 1) throws -> Int {
        for first in (20_000...32_768 - count).shuffled() {
            let ports = first..<first + count
            let isOurs = handedOut.withLock { taken in
                guard taken.isDisjoint(with: ports), ports.allSatisfy(isFree) else { return false }
                taken.formUnion(ports)
                return true
            }
            if isOurs { return first }
        }
        throw POSIXError(.EADDRINUSE)
    }

    private static func isFree(_ port: Int) -> Bool {
        #if canImport(Glibc)
        let stream = Int32(SOCK_STREAM.rawValue)
        #else
        let stream = SOCK_STREAM
        #endif
        let descriptor = socket(AF_INET, stream, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
