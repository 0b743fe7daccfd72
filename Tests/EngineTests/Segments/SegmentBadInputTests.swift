import Foundation
import Storage
import TestSupport
import Testing

@testable import Engine

/// What goes wrong around segments is clear, bounded, and loses nothing.
@Suite("Segments and bad input", .serialized)
struct SegmentBadInputTests {
    @Test(
        "a trait that changes its type is asked as what it is now, alike in memory and in the store",
        arguments: AnalyticsKind.allCases)
    func types(kind: AnalyticsKind) async throws {
        try await SegmentWorld.with(analytics: kind) { world in
            // One person each, whose size became something else: each time the newest value stands, whatever it is.
            let sizes: [(String, [String])] = [
                ("number", ["\"large\"", "42"]), ("text", ["42", "\"large\""]), ("list", ["42", "[41,43]"]),
                ("object", ["42", #"{"eu":42}"#]), ("truth", ["42", "true"]), ("numeral", ["true", "\" 42 \""]),
                ("gone", ["42", "null"]), ("date", ["[1]", "\"2026-05-01\""]),
            ]
            for (who, values) in sizes {
                for value in values { try await world.send("identify", who, traits: #"{"size":\#(value)}"#) }
            }
            try await world.process()
            for (test, expected) in [
                (#""is":"at_least","value":42"#, ["list", "number", "numeral"]),
                (#""is":"equals","values":["42"]"#, ["number", "numeral"]),
                (#""is":"equals","values":["large"]"#, ["text"]), (#""is":"true""#, ["truth"]),
                (#""is":"set""#, ["date", "list", "number", "numeral", "text", "truth"]),
                (#""is":"on","date":"2026-05-01""#, ["date"]),
            ] {
                let text = #"{"where":{"kind":"trait","name":"size",\#(test)}}"#
                let segment = try await world.create("Size \(test.prefix(60))", text)
                try await world.work()
                #expect(try await world.people(segment) == expected, "\(test)")
                #expect(try await SegmentPreview.exact(text, world.platform).people == Int64(expected.count), "\(test)")
            }
            let inner = #"{"where":{"kind":"trait","name":"size.eu","is":"exactly","value":42}}"#
            #expect(try await SegmentPreview.exact(inner, world.platform).people == 1)
            // And back: everybody who is moved by an event is moved in its transaction.
            let large = try await world.create(
                "Now", #"{"where":{"kind":"trait","name":"size","is":"at_least","value":40}}"#)
            try await world.work()
            try await world.send("identify", "object", traits: #"{"size":44}"#)
            try await world.send("identify", "number", traits: #"{"size":{"eu":44}}"#)
            try await world.process()
            #expect(try await world.people(large) == ["list", "numeral", "object"])
        }
    }

    @Test("the file of a segment of everybody is complete, in pages of a bounded size", arguments: StoreKind.allCases)
    func everybody(kind: StoreKind) async throws {
        try await SegmentWorld.with(kind) { world in
            let count = SegmentExport.pagePeople * 2 + 501
            let segment = try await world.create("All", #"{"where":{"kind":"all","of":[]}}"#)
            let (now, first) = (world.clock.now, Int64(1) << 50)
            try await world.platform.store.write { connection in
                try connection.executeMany(
                    """
                    INSERT INTO profiles (id, created_ms, first_seen_ms, last_seen_ms, identified, display_name,
                        source_id, event_count, order_count, net_spend, state, version)
                    VALUES (?, 0, 0, 0, 1, ?, 1, 1, 0, 0, '{}', 1)
                    """, (0..<count).map { [.integer(first + Int64($0)), .text("Person \($0), “the \($0)th”")] })
                try SegmentMembers.add((0..<count).map { (segment.id, first + Int64($0)) }, at: now, connection)
            }
            var after: Int64? = 0
            var (lines, pages, longest) = (0, 0, 0)
            var seen: Set<Substring> = []
            while let place = after {
                let page = try await world.platform.store.read { try SegmentExport.page(segment.id, after: place, $0) }
                let rows = page.lines.split(separator: "\r\n")
                for row in rows { seen.insert(row.prefix { $0 != "," }) }
                lines += rows.count
                pages += 1
                longest = max(longest, page.lines.utf8.count)
                // Somebody who is on the list already goes while it is read, and somebody new comes: neither moves the others.
                if pages == 1 {
                    let gone = first
                    try await world.platform.store.write { connection in
                        try SegmentMembers.remove([(segment.id, gone)], connection)
                        try SegmentMembers.add([(segment.id, first + Int64(count))], at: now, connection)
                    }
                }
                after = page.next
            }
            #expect(lines == count + 1 && seen.count == count + 1 && pages == 3)
            #expect(longest < SegmentExport.pagePeople * 200)
        }
    }

    @Test(
        "overlap of what is kept and composition of what is asked see the same people",
        arguments: AnalyticsKind.allCases)
    func overlap(kind: AnalyticsKind) async throws {
        try await SegmentWorld.with(analytics: kind) { world in
            for number in 0..<80 {
                let (tea, city) = (number % 2 == 0 ? "绿茶" : "红茶", number % 4 < 2 ? "杭州" : "北京")
                try await world.send("identify", "m\(number)", traits: #"{"tea":"\#(tea)","town":"\#(city)"}"#)
            }
            try await world.process()
            let green = try await world.create(
                "Green", #"{"where":{"kind":"trait","name":"tea","is":"equals","values":["绿茶"]}}"#)
            let hangzhou = try await world.create(
                "Hangzhou", #"{"where":{"kind":"trait","name":"town","is":"equals","values":["杭州"]}}"#)
            let snapshot = try await world.create(
                "Both once",
                #"{"where":{"kind":"all","of":[{"kind":"segment","id":"\#(green.id)"},"#
                    + #"{"kind":"segment","id":"\#(hangzhou.id)"}]}}"#, kind: .snapshot)
            try await world.work()
            let overlap = try await world.platform.store.read {
                try SegmentOverlap.load([green.id, hangzhou.id, snapshot.id], $0)
            }
            let parts = Set(overlap.parts.map { "\($0.members) \($0.people)" })
            #expect(parts == ["[0] 20", "[1] 20", "[0, 1, 2] 20"])
            for (segment, people, found) in [
                (green, Int64(40), ["绿茶 40", "红茶 0"]), (hangzhou, 40, ["杭州 40", "北京 0"]),
                (snapshot, 20, ["绿茶 20", "杭州 20", "红茶 0", "北京 0"]),
            ] {
                let told = try await SegmentComposition.load(segment.id, world.platform)
                #expect(told.people == people && told.everybody == 81)
                let rows = told.rows.map {
                    "\($0.criteria.json["where"]?["values"]?[0]?.stringValue ?? "") \($0.people)"
                }
                #expect(Set(rows) == Set(found), "\(segment.name)")
            }
        }
    }

    @Test("a count that takes too long is given up after its budget, and says so")
    func slow() async throws {
        try await SegmentWorld.with { world in
            let slow = SlowAnalytics()
            let platform = Platform(store: world.platform.store, analytics: slow, effects: world.platform.effects)
            let text = #"{"where":{"kind":"trait","name":"city","is":"set"}}"#
            await #expect(throws: StorageError.timedOut(seconds: 20)) {
                _ = try await SegmentPreview.exact(text, platform)
            }
            let segment = try await world.create("City", text)
            await #expect(throws: StorageError.timedOut(seconds: 20)) {
                _ = try await SegmentComposition.load(segment.id, platform)
            }
            #expect(slow.seconds.allSatisfy { $0 <= 20 } && !slow.seconds.isEmpty)
        }
    }
}
