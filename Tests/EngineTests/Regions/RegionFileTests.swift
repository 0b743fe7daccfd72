import Foundation
import TestSupport
import Testing

@testable import Engine

@Suite("Files of regions")
struct RegionFileTests {
    private static let fixtures =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path + "/Fixtures/regions"

    @Test("a MaxMind DB file places addresses of both kinds, in Chinese where it has it")
    func maxMind() throws {
        let file = try RegionFile(path: Self.fixtures + "/small.mmdb")
        let hangzhou = Region(country: "中国", region: "浙江省", city: "杭州")
        #expect(file.region(of: "203.0.113.9") == hangzhou && file.region(of: "::ffff:203.0.113.9") == hangzhou)
        #expect(file.region(of: "203.0.113.200") == Region(country: "Japan"))
        #expect(
            file.region(of: "2001:db8::1") == Region(country: "Testland", city: String(repeating: "A", count: 40)))
        for address in ["8.8.8.8", "2001:db9::1", "", "nobody", "203.0.113", String(repeating: "1", count: 500)] {
            #expect(file.region(of: address) == nil, "\(address)")
        }
        let plain = try RegionFile(path: Self.fixtures + "/plain4.mmdb")
        #expect(plain.region(of: "198.51.100.7") == Region(country: "Utopia", region: "North", city: "Here"))
        #expect(plain.region(of: "2001:db8::1") == nil && plain.region(of: "198.51.101.7") == nil)
    }

    /// Segments of whole /16 networks: the header, the vector, texts, segments.
    private static func xdb(_ segments: [(from: [UInt8], to: [UInt8], text: String)], structure: UInt8 = 2) -> Data {
        let width = segments[0].from.count
        func little(_ number: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(number >> (8 * $0) & 0xFF) }
        }
        var texts: [UInt8] = []
        var index: [UInt8] = []
        let textStart = 256 + 256 * 256 * 8
        let indexStart = textStart + segments.reduce(0) { $0 + $1.text.utf8.count }
        var vector = [UInt8](repeating: 0, count: 256 * 256 * 8)
        for segment in segments {
            let place = (Int(segment.from[0]) * 256 + Int(segment.from[1])) * 8
            let start = indexStart + index.count
            index += width == 4 ? segment.from.reversed() + segment.to.reversed() : segment.from + segment.to
            index += little(segment.text.utf8.count, 2) + little(textStart + texts.count, 4)
            texts += Array(segment.text.utf8)
            if vector[place..<place + 4].allSatisfy({ $0 == 0 }) {
                vector.replaceSubrange(place..<place + 4, with: little(start, 4))
            }
            vector.replaceSubrange(place + 4..<place + 8, with: little(indexStart + index.count, 4))
        }
        let last = indexStart + index.count - (2 * width + 6)
        var header = [structure, 0, 1, 0, 0, 0, 0, 0] + little(indexStart, 4) + little(last, 4)
        if structure == 3 { header += little(width == 4 ? 4 : 6, 2) }
        header += [UInt8](repeating: 0, count: 256 - header.count)
        return Data(header + vector + texts + index)
    }

    private static func file(_ data: Data) throws -> RegionFile {
        let path = try TestFolder.make("regions") + "/file"
        try data.write(to: URL(fileURLWithPath: path))
        return try RegionFile(path: path)
    }

    @Test("an ip2region file places addresses, in its old and its new order of parts")
    func ip2region() throws {
        let old = try Self.file(
            Self.xdb([
                ([1, 2, 0, 0], [1, 2, 3, 255], "中国|0|浙江省|杭州市|电信"), ([1, 2, 4, 0], [1, 2, 255, 255], "日本|0|0|0|0"),
                ([9, 9, 0, 0], [9, 9, 255, 255], "0|0|0|内网IP|内网IP"),
            ]))
        #expect(old.region(of: "1.2.3.4") == Region(country: "中国", region: "浙江省", city: "杭州市"))
        #expect(old.region(of: "1.2.4.0") == Region(country: "日本") && old.region(of: "1.2.3.255")?.city == "杭州市")
        #expect(old.region(of: "9.9.9.9") == Region(city: "内网IP"))
        #expect(old.region(of: "1.3.0.0") == nil && old.region(of: "2001:db8::1") == nil)
        let new = try Self.file(Self.xdb([([1, 2, 0, 0], [1, 2, 255, 255], "中国|广东省|深圳市|电信|CN")], structure: 3))
        #expect(new.region(of: "1.2.3.4") == Region(country: "中国", region: "广东省", city: "深圳市"))
        let first: [UInt8] = [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 12)
        let last: [UInt8] = [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 255, count: 12)
        let six = try Self.file(Self.xdb([(first, last, "中国|北京|北京市|联通|CN")], structure: 3))
        #expect(six.region(of: "2001:db8::7")?.region == "北京" && six.region(of: "1.2.3.4") == nil)
        #expect(six.region(of: "2001:db9::7") == nil)
    }

    @Test("what is no such file is refused, and a damaged one harms nothing")
    func refused() throws {
        #expect(throws: RegionFileError.unreadable(path: "/nowhere.mmdb")) { try RegionFile(path: "/nowhere.mmdb") }
        #expect(throws: RegionFileError.self) { try Self.file(Data("hello".utf8)) }
        #expect(throws: RegionFileError.self) { try Self.file(Data()) }
        let whole = try Data(contentsOf: URL(fileURLWithPath: Self.fixtures + "/small.mmdb"))
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<300 {
            var broken = whole
            for _ in 0..<8 {
                broken[Int.random(in: 0..<broken.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            // Whatever it says, it says in bounded time and within the file.
            guard let file = try? Self.file(broken) else { continue }
            for address in ["203.0.113.9", "2001:db8::1", "0.0.0.0"] { _ = file.region(of: address) }
        }
    }
}
