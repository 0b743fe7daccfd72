import Foundation

/// A MaxMind DB file: a binary tree over the bits of addresses whose leaves point at values.
///
/// Source: “MaxMind DB File Format Specification”, version 2.0. Names are taken in Chinese where the file has them, else in
/// English.
struct MaxMindFile: Sendable {
    private static let marker = Data([0xAB, 0xCD, 0xEF] + Array("MaxMind.com".utf8))
    private static let metadataBytesMax = 128 * 1024
    private static let separatorBytes = 16
    private static let languages = ["zh-CN", "en"]

    private let bytes: MappedBytes
    private let nodes: Int
    private let recordBits: Int
    private let hasIPv6: Bool
    private let dataStart: Int
    /// Where IPv4 addresses begin in a tree of IPv6.
    private let start4: Int

    /// Nil for another format. Throws: `RegionFileError.damaged`.
    init?(_ data: Data) throws(RegionFileError) {
        let from = max(data.startIndex, data.endIndex - Self.metadataBytesMax)
        guard let found = data.range(of: Self.marker, options: .backwards, in: from..<data.endIndex) else { return nil }
        let start = found.upperBound - data.startIndex
        let bytes = MappedBytes(data: data)
        let metadata = MaxMindValue.read(bytes, start, base: start).value
        guard case .map(let facts) = metadata, let nodes = facts["node_count"]?.number,
            let bits = facts["record_size"]?.number, let version = facts["ip_version"]?.number
        else { throw .damaged("its metadata cannot be read") }
        guard [24, 28, 32].contains(bits), [4, 6].contains(version), nodes > 0,
            nodes <= bytes.count * 4 / bits
        else { throw .damaged("its metadata says what cannot be") }
        self.bytes = bytes
        self.nodes = nodes
        recordBits = bits
        hasIPv6 = version == 6
        dataStart = nodes * bits / 4 + Self.separatorBytes
        var node = 0
        if version == 6 {
            for _ in 0..<96 where node < nodes { node = Self.record(bytes, node, 0, bits) ?? nodes }
        }
        start4 = node
    }

    func region(of address: [UInt8]) -> Region? {
        guard address.count == 4 || hasIPv6 else { return nil }
        var node = address.count == 4 ? start4 : 0
        for bit in 0..<address.count * 8 where node < nodes {
            let side = Int(address[bit / 8] >> UInt8(7 - bit % 8)) & 1
            guard let next = Self.record(bytes, node, side, recordBits) else { return nil }
            node = next
        }
        guard node > nodes else { return nil }
        let value = MaxMindValue.read(bytes, dataStart + node - nodes - Self.separatorBytes, base: dataStart).value
        guard case .map(let place) = value else { return nil }
        let country = place["country"] ?? place["registered_country"]
        return Region(
            country: name(country), region: name(place["subdivisions"]?.first ?? place["region"]),
            city: name(place["city"]))
    }

    /// In GeoIP files names stand by language; in others a name may be a text.
    private func name(_ value: MaxMindValue?) -> String {
        switch value {
        case .text(let text): return text
        case .map(let facts):
            guard case .map(let names)? = facts["names"] else { return facts["iso_code"]?.text ?? "" }
            return Self.languages.lazy.compactMap { names[$0]?.text }.first ?? ""
        default: return ""
        }
    }

    /// The left or right record of a node; the half bytes of 28 bits stand in the middle.
    private static func record(_ bytes: MappedBytes, _ node: Int, _ side: Int, _ bits: Int) -> Int? {
        let place = node * bits / 4
        switch bits {
        case 24: return bytes.big(place + side * 3, 3)
        case 32: return bytes.big(place + side * 4, 4)
        default:
            guard let middle = bytes.byte(place + 3), let low = bytes.big(place + side * 4, 3) else { return nil }
            return (side == 0 ? middle >> 4 : middle & 0x0F) << 24 | low
        }
    }
}

/// A value of the data section.
enum MaxMindValue: Sendable {
    case text(String)
    case number(Int)
    case map([String: MaxMindValue])
    case list([MaxMindValue])
    /// Numbers that are not whole, bytes, and what cannot be read.
    case other

    var text: String? { if case .text(let text) = self { text } else { nil } }
    var number: Int? { if case .number(let number) = self { number } else { nil } }
    var first: MaxMindValue? { if case .list(let values) = self { values.first } else { nil } }

    private static let depthMax = 12
    /// Values read for one answer; a damaged file may point in circles.
    private static let valuesMax = 2_000

    /// The value at a place and the place behind it. Pointers count from `base`.
    static func read(_ bytes: MappedBytes, _ place: Int, base: Int) -> (value: MaxMindValue, next: Int) {
        var left = valuesMax
        return read(bytes, place, base, 0, &left)
    }

    private static func read(
        _ bytes: MappedBytes, _ place: Int, _ base: Int, _ depth: Int, _ left: inout Int
    ) -> (value: MaxMindValue, next: Int) {
        left -= 1
        guard left > 0, depth < depthMax, let control = bytes.byte(place) else { return (.other, bytes.count) }
        var next = place + 1
        var type = control >> 5
        if type == 1 { return pointer(bytes, control, next, base, depth, &left) }
        if type == 0 {
            type = 7 + (bytes.byte(next) ?? 0)
            next += 1
        }
        var size = control & 0x1F
        if size > 28 {
            let extra = size - 28
            size = [29, 285, 65_821][extra - 1] + (bytes.big(next, extra) ?? 0)
            next += extra
        }
        switch type {
        case 2: return (bytes.text(next, size).map { .text($0) } ?? .other, next + size)
        case 5, 6, 9: return (bytes.big(next, size).map { .number($0) } ?? .other, next + size)
        case 7:
            var members: [String: MaxMindValue] = [:]
            for _ in 0..<max(0, min(size, left)) {
                let name = read(bytes, next, base, depth + 1, &left)
                let value = read(bytes, name.next, base, depth + 1, &left)
                guard let key = name.value.text else { return (.other, bytes.count) }
                members[key] = value.value
                next = value.next
            }
            return (.map(members), next)
        case 11:
            var values: [MaxMindValue] = []
            for _ in 0..<max(0, min(size, left)) {
                let value = read(bytes, next, base, depth + 1, &left)
                values.append(value.value)
                next = value.next
            }
            return (.list(values), next)
        // A boolean has no bytes of its own.
        case 14: return (.other, next)
        default: return (.other, next + size)
        }
    }

    private static func pointer(
        _ bytes: MappedBytes, _ control: Int, _ next: Int, _ base: Int, _ depth: Int, _ left: inout Int
    ) -> (value: MaxMindValue, next: Int) {
        let extra = (control >> 3 & 3) + 1
        guard let rest = bytes.big(next, extra) else { return (.other, bytes.count) }
        let high = extra == 4 ? 0 : (control & 7) << (8 * extra)
        let target = base + (high | rest) + [0, 2_048, 526_336, 0][extra - 1]
        return (read(bytes, target, base, depth + 1, &left).value, next + extra)
    }
}
