import Foundation

/// An ip2region file, structure 2 (IPv4) or 3 (IPv4 or IPv6).
///
/// After 256 bytes of header stand 256 × 256 pairs of pointers by the first two bytes of an address, each to the first and
/// behind the last of the segments that may hold it; a segment has first and last address, and length and place of its
/// text. Numbers are little-endian, IPv4 addresses too; IPv6 addresses stand as they are sent.
/// Source: github.com/lionsoul2014/ip2region, “xdb” structure.
struct Ip2RegionFile: Sendable {
    private static let headerBytes = 256
    private static let vectorBytes = 256 * 256 * 8
    private static let structures = 2...3

    private let bytes: MappedBytes
    /// Of an address: 4 or 16.
    private let width: Int
    private var segmentBytes: Int { 2 * width + 6 }

    /// Nil for another format.
    init?(_ data: Data) {
        let bytes = MappedBytes(data: data)
        guard let structure = bytes.little(0, 2), Self.structures.contains(structure),
            let first = bytes.little(8, 4), let last = bytes.little(12, 4),
            first >= Self.headerBytes + Self.vectorBytes, last >= first
        else { return nil }
        // Structure 3 says which addresses it has.
        width = structure == 3 && bytes.little(16, 2) == 6 ? 16 : 4
        self.bytes = bytes
        guard last + segmentBytes <= bytes.count else { return nil }
    }

    func region(of address: [UInt8]) -> Region? {
        guard address.count == width else { return nil }
        let vector = Self.headerBytes + (Int(address[0]) * 256 + Int(address[1])) * 8
        guard let first = bytes.little(vector, 4), let end = bytes.little(vector + 4, 4), first > 0, end >= first
        else { return nil }
        var (low, high) = (0, (end - first) / segmentBytes)
        while low <= high {
            let middle = (low + high) / 2
            let place = first + middle * segmentBytes
            guard let from = self.address(place), let to = self.address(place + width) else { return nil }
            if address.lexicographicallyPrecedes(from) {
                high = middle - 1
            } else if to.lexicographicallyPrecedes(address) {
                low = middle + 1
            } else {
                let told = place + 2 * width
                guard let length = bytes.little(told, 2), let text = bytes.little(told + 2, 4) else { return nil }
                return bytes.text(text, length).map(Self.region)
            }
        }
        return nil
    }

    private func address(_ place: Int) -> [UInt8]? {
        let read = (0..<width).compactMap { bytes.byte(place + $0).map { UInt8($0) } }
        guard read.count == width else { return nil }
        return width == 4 ? read.reversed() : read
    }

    /// `国家|区域|省份|城市|ISP`, or since structure 3 `国家|省份|城市|ISP|CN`; 0 stands for nothing.
    static func region(_ text: String) -> Region {
        let parts = text.split(separator: "|", omittingEmptySubsequences: false).map { $0 == "0" ? "" : String($0) }
        func part(_ index: Int) -> String { index < parts.count ? parts[index] : "" }
        let code = part(4)
        let isNew = code.utf8.count == 2 && code.utf8.allSatisfy { (0x41...0x5A).contains($0) }
        return isNew
            ? Region(country: part(0), region: part(1), city: part(2))
            : Region(country: part(0), region: part(2), city: part(3))
    }
}
