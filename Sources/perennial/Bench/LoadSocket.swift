import Foundation

/// A blocking HTTP/1.1 connection that sends prebuilt requests and reads only what it must of the answers.
struct LoadSocket {
    struct Broken: Error {}

    private let descriptor: Int32
    private static let answerBytes = 16 * 1024

    /// Throws: `Broken` when nobody listens.
    init(host: String, port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else {
            Foundation.close(descriptor)
            throw Broken()
        }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    func close() {
        Foundation.close(descriptor)
    }

    /// Sends a request and returns the status of its answer. Throws: `Broken` when the connection ends.
    func exchange(_ request: [UInt8]) throws -> Int {
        try request.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = send(
                    descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
                guard count > 0 else { throw Broken() }
                sent += count
            }
        }
        return try answer()
    }

    private func answer() throws -> Int {
        var buffer = [UInt8](repeating: 0, count: Self.answerBytes)
        var filled = 0
        while filled < buffer.count {
            let count = buffer.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress?.advanced(by: filled), $0.count - filled, 0)
            }
            guard count > 0 else { throw Broken() }
            filled += count
            if let end = Self.end(of: buffer, filled), filled >= end { return Self.status(buffer) }
        }
        throw Broken()
    }

    /// Where the answer ends, once its head is complete.
    private static func end(of buffer: [UInt8], _ filled: Int) -> Int? {
        let head = String(decoding: buffer[0..<filled], as: UTF8.self)
        guard let blank = head.range(of: "\r\n\r\n") else { return nil }
        let headBytes = head[..<blank.upperBound].utf8.count
        let field = head[..<blank.lowerBound].lowercased().components(separatedBy: "content-length: ").dropFirst().first
        return headBytes + (field.flatMap { Int($0.prefix { $0.isNumber }) } ?? 0)
    }

    /// `HTTP/1.1 200 OK`.
    private static func status(_ buffer: [UInt8]) -> Int {
        buffer[9..<12].reduce(0) { $0 * 10 + Int($1) - 48 }
    }
}
