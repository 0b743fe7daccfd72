import Foundation

/// A file that the operator supplies, by which addresses are placed: MaxMind DB (`.mmdb`) or ip2region (`.xdb`).
///
/// The file is mapped, not read: what is asked for comes into memory. Safe to ask from anywhere at once.
package struct RegionFile: Sendable {
    private enum Format: Sendable {
        case maxMind(MaxMindFile)
        case ip2region(Ip2RegionFile)
    }

    private let format: Format

    /// Throws: `RegionFileError`.
    package init(path: String) throws(RegionFileError) {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        } catch {
            throw .unreadable(path: path)
        }
        if let file = try MaxMindFile(data) {
            format = .maxMind(file)
        } else if let file = Ip2RegionFile(data) {
            format = .ip2region(file)
        } else {
            throw .unknownFormat(path: path)
        }
    }

    /// Nil for addresses that the file does not place, and for what is no address.
    package func region(of address: String) -> Region? {
        guard let bytes = IPAddress.bytes(address) else { return nil }
        let found: Region?
        switch format {
        case .maxMind(let file): found = file.region(of: bytes)
        case .ip2region(let file): found = file.region(of: bytes)
        }
        return found.flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// Addresses as bytes.
enum IPAddress {
    private static let textBytes = 64

    /// Four bytes, or sixteen; an IPv4 address inside IPv6 (`::ffff:1.2.3.4`) comes out as four.
    static func bytes(_ text: String) -> [UInt8]? {
        guard text.utf8.count <= textBytes else { return nil }
        var four = [UInt8](repeating: 0, count: 4)
        if inet_pton(AF_INET, text, &four) == 1 { return four }
        var sixteen = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, text, &sixteen) == 1 else { return nil }
        let isMapped = sixteen[0..<10].allSatisfy { $0 == 0 } && sixteen[10] == 0xFF && sixteen[11] == 0xFF
        return isMapped ? Array(sixteen[12...]) : sixteen
    }
}

/// Reads numbers of a mapped file; what lies beyond its end is nil.
struct MappedBytes: Sendable {
    let data: Data

    var count: Int { data.count }

    func byte(_ place: Int) -> Int? {
        place >= 0 && place < data.count ? Int(data[data.startIndex + place]) : nil
    }

    func big(_ place: Int, _ count: Int) -> Int? {
        guard place >= 0, count <= 7, place <= data.count - count else { return nil }
        var value = 0
        for offset in 0..<count { value = value << 8 | Int(data[data.startIndex + place + offset]) }
        return value
    }

    func little(_ place: Int, _ count: Int) -> Int? {
        guard place >= 0, count <= 7, place <= data.count - count else { return nil }
        var value = 0
        for offset in (0..<count).reversed() { value = value << 8 | Int(data[data.startIndex + place + offset]) }
        return value
    }

    func text(_ place: Int, _ count: Int) -> String? {
        guard place >= 0, count >= 0, place <= data.count - count else { return nil }
        let start = data.startIndex + place
        return String(decoding: data[start..<start + count], as: UTF8.self)
    }
}
