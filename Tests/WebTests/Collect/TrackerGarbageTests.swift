import Engine
import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import Web

/// Whatever is sent to the tracker's address is an event, lies in quarantine with its bytes, or is refused; never a fault.
@Suite("The tracker fed garbage") struct TrackerGarbageTests {
    private static let good = #"{"type":"page","anonymousId":"a1","messageId":"m"}"#

    private func send(
        _ harness: CollectHarness, _ bytes: [UInt8], type: String = "text/plain", extra: HTTPFields = [:]
    ) async throws -> CollectHarness.Reply {
        var headers: HTTPFields = [.contentType: type, .origin: "https://shop.example"]
        for field in extra { headers.append(field) }
        return try await harness.send(.post, "/t/events?key=\(harness.key)", headers, bytes: bytes)
    }

    @Test("every kind of garbage has its answer, and what can be kept is kept", arguments: StoreKind.allCases)
    func kinds(kind: StoreKind) async throws {
        try await CollectHarness.with(kind) { harness in
            let deep = String(repeating: "[", count: 50_000)
            let nested =
                #"{"type":"page","anonymousId":"a","context":"#
                + String(repeating: #"{"a":"#, count: 200) + "1" + String(repeating: "}", count: 201)
            // Whole bodies that are no events: refused, and kept.
            let bodies: [(String, [UInt8], Int)] = [
                ("nothing", [], 400), ("blanks", Array("   ".utf8), 400), ("markup", Array("<xml>".utf8), 400),
                ("a number", Array("42".utf8), 400), ("null", Array("null".utf8), 400),
                ("a cut object", Array(Self.good.dropLast(9).utf8), 400),
                ("two objects", Array((Self.good + Self.good).utf8), 400),
                ("brackets", Array(deep.utf8), 400), ("no UTF-8", [0xFF, 0xFE, 0x7B], 400),
                ("UTF-16", Array(Self.good.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }), 400),
                ("noughts", [UInt8](repeating: 0, count: 1_000), 400),
                ("too much", [UInt8](repeating: 0x20, count: EventLimits.batchBytes + 1), 413),
            ]
            for (name, bytes, status) in bodies {
                let reply = try await send(harness, bytes)
                #expect(reply.status == status, "\(name): \(reply.text)")
                #expect(reply.headers[.accessControlAllowOrigin] == "https://shop.example", "\(name)")
            }
            #expect(try await harness.logged().isEmpty)
            let before = try await harness.quarantined().count
            // Single items among good ones: the good ones count, the others lie in quarantine.
            let items = [
                #"{"type":"page"}"#, #"{"type":"volcano","anonymousId":"a"}"#, #"{"type":"track","anonymousId":"a"}"#,
                "7",
                "null", "[]", #""text""#, #"{"type":"page","anonymousId":{"x":1}}"#, nested,
                #"{"type":"page","anonymousId":"a","timestamp":"yesterday"}"#,
                #"{"type":"page","anonymousId":"a","timestamp":"9999-01-01T00:00:00Z"}"#,
                #"{"type":"page","anonymousId":"\u0000"}"#, #"{"type":"page","anonymousId":"a","properties":[1]}"#,
                #"{"type":"track","event":"\#(String(repeating: "x", count: 5_000))","anonymousId":"a"}"#,
                #"{"type":"track","event":"Big","anonymousId":"a","properties":{"n":1e999}}"#,
            ]
            let mixed = items.map { #"{"type":"track","event":"Good","anonymousId":"a"},"# + $0 }.joined(separator: ",")
            let reply = try await send(harness, Array("[\(mixed)]".utf8))
            #expect(reply.status == 200, "\(reply.text)")
            let stored = try await harness.logged()
            #expect(stored.filter { $0.name == "Good" }.count == items.count)
            let aside = try await harness.quarantined().count - before
            #expect(stored.count + aside == items.count * 2)
            #expect(aside >= items.count - 2, "\(stored.map(\.name))")
            #expect(try await harness.quarantined().allSatisfy { !$0.raw.isEmpty })
        }
    }

    @Test("compressed garbage is refused before it unpacks")
    func compressed() async throws {
        try await CollectHarness.with { harness in
            let gzip: HTTPFields = [.contentEncoding: "gzip"]
            let whole = try Gzip.compress(Array(Self.good.utf8))
            #expect(try await send(harness, whole, extra: gzip).status == 200)
            for bad in [Array(whole.dropLast(6)), Array(Self.good.utf8), [0x1F, 0x8B]] {
                #expect(try await send(harness, bad, extra: gzip).status == 400)
            }
            let bomb = try Gzip.compress([UInt8](repeating: 0x20, count: 64 * 1024 * 1024))
            #expect(bomb.count < 100_000)
            #expect(try await send(harness, bomb, extra: gzip).status == 413)
            #expect(try await harness.logged().count == 1)
        }
    }

    @Test("a thousand random changes of good bodies: each is an event, in quarantine, or refused")
    func changed() async throws {
        try await CollectHarness.with { harness in
            var random = SeededNumbers(seed: 20_261_129)
            let body = Array(
                #"[{"type":"track","event":"Clicked","anonymousId":"a1","userId":"u","properties":{"x":1.5,"y":[true,null]},"context":{"page":{"url":"https://a.example/?q=茶"}},"sentAt":"2026-11-22T17:00:10Z"}]"#
                    .utf8)
            var statuses: [Int: Int] = [:]
            var kept = 0
            for _ in 0..<1_000 {
                var bytes = body
                for _ in 0...random.below(4) {
                    let place = random.below(bytes.count)
                    switch random.below(4) {
                    case 0: bytes[place] = UInt8(random.below(256))
                    case 1: bytes.remove(at: place)
                    case 2: bytes.insert(UInt8(random.below(256)), at: place)
                    default: bytes.insert(contentsOf: bytes.suffix(random.below(40)), at: place)
                    }
                }
                let reply = try await send(harness, bytes)
                statuses[reply.status, default: 0] += 1
                if reply.status == 200 { kept += 1 }
            }
            #expect(Set(statuses.keys).isSubset(of: [200, 400]), "\(statuses)")
            let (stored, aside) = (
                try await harness.logged().count,
                try await harness.platform.store.read {
                    try $0.first("SELECT count(*) FROM quarantine")?.int(0) ?? 0
                }
            )
            // An array that a change emptied or multiplied has none or several.
            #expect(stored > 0 && stored + Int(aside) >= 1_000 - 20, "\(stored) \(aside) \(statuses)")
            try await harness.process()
        }
    }
}

/// Numbers that are the same in every run (SplitMix64).
private struct SeededNumbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func below(_ limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(limit))
    }
}
