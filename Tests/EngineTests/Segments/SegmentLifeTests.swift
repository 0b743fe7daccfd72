import Storage
import TestSupport
import Testing

@testable import Engine

/// Segments through the front door: events in, membership and system events out.
@Suite("Segments", .serialized)
struct SegmentLifeTests {
    private func with(_ kind: StoreKind = .sqlite, _ body: (SegmentWorld) async throws -> Void) async throws {
        try await SegmentWorld.with(kind, body)
    }

    private static let buyers = """
        {"version": 1, "where": {"kind": "all", "of": [
            {"kind": "did", "event": {"names": ["Bought"], "where": [{"property": "price", "is": "at_least", "value": 10}]},
             "compare": {"is": "at_least", "value": 2}, "within": {"last_days": 7}},
            {"kind": "not", "of": {"kind": "trait", "name": "city", "is": "equals", "values": ["上海"]}}]}}
        """

    @Test(
        "what is more common in a segment than among all is found, told as conditions, and hashed without refusals",
        arguments: AnalyticsKind.allCases)
    func composition(kind: AnalyticsKind) async throws {
        try await SegmentWorld.with(.sqlite, analytics: kind) { world in
            for number in 0..<60 {
                let (tea, email) = (number < 30 ? "绿茶" : "红茶", "\(number)@example.com")
                try await world.send(
                    "identify", "m\(number)",
                    traits: #"{"tea":"\#(tea)","email_consent":\#(number > 0)}"#, email: email)
            }
            try await world.process()
            let segment = try await world.create(
                "Green", #"{"where":{"kind":"trait","name":"tea","is":"equals","values":["绿茶"]}}"#)
            try await world.work()
            let found = try await SegmentComposition.load(segment.id, world.platform)
            #expect(found.people == 30)
            #expect(found.everybody == 61)
            let rows = found.rows.map { "\($0.criteria.json["where"]?["values"]?[0]?.stringValue ?? "") \($0.people)" }
            #expect(rows == ["绿茶 30", "红茶 0"])
            #expect(abs((found.rows.first?.found.lift ?? 0) - 61.0 / 30) < 1e-9)
            let page = try await world.platform.store.read { try SegmentAdExport.page(segment.id, after: 0, $0) }
            // Who refused e-mail is left out; nobody has a phone.
            #expect(page.lines.split(separator: "\r\n").count == 29 && page.next == nil)
            #expect(page.lines.contains(Digest.sha256(Array("7@example.com".utf8)) + ",,,"))
        }
    }

    @Test("numbers are hashed in the forms that ad platforms ask for")
    func hashedNumbers() {
        let line = SegmentAdExport.line(email: nil, phone: "+8613800138000")
        let parts = line.dropLast().split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let forms = ["+8613800138000", "8613800138000", "13800138000"]
        #expect(parts == [""] + forms.map { Digest.sha256(Array($0.utf8)) })
        #expect(SegmentAdExport.line(email: nil, phone: nil).isEmpty)
        #expect(SegmentAdExport.line(email: "a@b.c", phone: "+4930123456").hasSuffix(",\r\n"))
    }

    @Test(
        "history is filled in, events move people in the same transaction, time moves them out",
        arguments: StoreKind.allCases)
    func life(_ kind: StoreKind) async throws {
        try await with(kind) { world in
            try await world.send("Bought", "early", properties: #"{"price":12}"#)
            try await world.send("Bought", "early", properties: #"{"price":"15.50"}"#)
            try await world.send("Bought", "once", properties: #"{"price":12}"#)
            try await world.send("Bought", "cheap", properties: #"{"price":1}"#)
            try await world.send("identify", "early", traits: #"{"city":"北京"}"#)
            try await world.process()
            let segment = try await world.create("Buyers", Self.buyers)
            #expect(segment.isBuilding)
            // What comes between publishing and filling is counted once.
            try await world.send("Bought", "between", properties: #"{"price":20}"#)
            try await world.process()
            try await world.work()
            #expect(try await world.people(segment) == ["early"])
            #expect(try await world.said(SegmentMembers.entered) == 0)

            try await world.send("Bought", "between", properties: #"{"price":20}"#)
            try await world.send("Bought", "once", properties: #"{"price":9.99}"#)
            try await world.process()
            #expect(try await world.people(segment) == ["between", "early"])
            #expect(try await world.said(SegmentMembers.entered) == 1)

            try await world.send("identify", "early", traits: #"{"city":"上海 "}"#)
            try await world.process()
            #expect(try await world.people(segment) == ["between"])
            #expect(try await world.said(SegmentMembers.left) == 1)

            world.clock.advance(milliseconds: 8 * 86_400_000)
            try await world.work()
            #expect(try await world.people(segment) == [])
            #expect(try await world.said(SegmentMembers.left) == 2)
            let movement = try await SegmentMovement.load(segment.id, days: 30, world.platform).days
            #expect(movement.count == 30)
            #expect(movement.reduce(0) { $0 + $1.entered } == 1 && movement.reduce(0) { $0 + $1.left } == 2)
            #expect(movement.last?.left == 1)
        }
    }

    @Test("merged people bring their history, and leave nothing behind")
    func merging() async throws {
        try await with { world in
            try await world.send("identify", "a", traits: #"{"email":"x@example.com"}"#)
            try await world.process()
            let segment = try await world.create("Buyers", Self.buyers)
            try await world.work()
            try await world.send("Bought", "a", properties: #"{"price":20}"#)
            try await world.send("Bought", "b", properties: #"{"price":20}"#)
            try await world.process()
            #expect(try await world.people(segment) == [])
            let ids = try await world.platform.store.read { connection in
                try connection.query(
                    "SELECT profile_id FROM identities WHERE value IN ('a', 'b') ORDER BY profile_id"
                ).map { try $0.int(0) }
            }
            let platform = world.platform
            let now = world.clock.now
            _ = try await platform.store.write { connection in
                try ManualMerge.merge(ids[0], ids[1], platform: platform, at: now, connection)
            }
            #expect(try await world.people(segment).isEmpty == false)
            let rows = try await platform.store.read { connection in
                try connection.first("SELECT count(DISTINCT profile_id) FROM profile_features")?.int(0)
            }
            #expect(rows == 1)
        }
    }

    @Test("undoing a merge gives each their own history back")
    func unmerging() async throws {
        try await with { world in
            try await world.send("Bought", "a", properties: #"{"price":20}"#)
            try await world.send("Bought", "b", properties: #"{"price":20}"#)
            try await world.process()
            let segment = try await world.create("Buyers", Self.buyers)
            try await world.work()
            let platform = world.platform
            let now = world.clock.now
            let ids = try await platform.store.read { connection in
                try connection.query(
                    "SELECT profile_id FROM identities WHERE value IN ('a', 'b') ORDER BY profile_id"
                ).map { try $0.int(0) }
            }
            let merge = try await platform.store.write { connection -> Int64 in
                let said = try ManualMerge.merge(ids[0], ids[1], platform: platform, at: now, connection)
                try SystemEventLog.append(said, now: now, effects: platform.effects, to: connection)
                return try connection.first("SELECT id FROM profile_merges")?.int(0) ?? 0
            }
            try await world.archive()
            #expect(try await world.people(segment).count == 2)
            try await platform.store.write { connection in
                let event = try Unmerge.undo(merge, at: now, connection).event
                try PersonRefill.enqueue(IdentityEvents.people(of: event), effects: platform.effects, connection)
                try SystemEventLog.append([event], now: now, effects: platform.effects, to: connection)
            }
            try await world.process()
            try await world.work()
            #expect(try await world.people(segment) == [])
        }
    }

    @Test("lists take people, are asked by other segments, and cannot go while they are used")
    func lists() async throws {
        try await with { world in
            try await world.send("Bought", "a")
            try await world.process()
            let list = try await world.create("List", "", kind: .list)
            let text = #"{"where":{"kind":"segment","id":"\#(list.id)"}}"#
            let outer = try await world.create("Outer", text)
            try await world.work()
            let platform = world.platform
            let id =
                try await platform.store.read {
                    try $0.first("SELECT profile_id FROM identities WHERE value = 'a'")?.int(0)
                } ?? 0
            try await platform.store.write { connection in
                _ = try SegmentLists.put(
                    [id], in: list.id, named: "List", at: platform.effects.now(), effects: platform.effects, connection)
            }
            #expect(try await world.people(outer) == ["a"])
            await #expect(
                throws: SegmentError.usedBy([SegmentUse(kind: "segment", id: String(outer.id), name: "Outer")])
            ) {
                try await platform.store.write { try Segments.delete(list.id, effects: platform.effects, $0) }
            }
            // The store finds the same by the mirror.
            try await world.archive()
            #expect(try await SegmentPreview.exact(text, platform).people == 1)
            await #expect(throws: SegmentError.self) {
                _ = try await world.create("Outer", Self.buyers)
            }
            let circle = SegmentDraft(name: "Outer", criteria: #"{"where":{"kind":"segment","id":"\#(outer.id)"}}"#)
            await #expect(throws: SegmentError.self) {
                try await platform.store.write { try Segments.update(outer.id, circle, effects: platform.effects, $0) }
            }
        }
    }

    @Test("among many people the count is an estimate of a part of them first, and exact after")
    func estimated() async throws {
        try await with { world in
            for number in 0..<320 { try await world.send("identify", "p\(number)", traits: #"{"city":"杭州"}"#) }
            try await world.archive()
            let text = #"{"where":{"kind":"trait","name":"city","is":"equals","values":["杭州"]}}"#
            let exact = try await SegmentPreview.exact(text, world.platform)
            #expect(exact.people == 320 && !exact.isEstimate && exact.sample.count == SegmentPreview.sampleSize)
            // One in 32 is 10 of them, give or take.
            let guess = try await SegmentPreview.estimate(text, above: 100, world.platform)
            #expect(guess.isEstimate && guess.sample.isEmpty && guess.people <= guess.everybody)
            #expect(guess.people % 32 == 0 || guess.people == guess.everybody)
            #expect((32...640).contains(guess.people), "\(guess.people)")
            let few = try await SegmentPreview.estimate(text, world.platform)
            #expect(!few.isEstimate && few.people == 320)
        }
    }

    @Test("an explanation says what was found, from the archive and from the log")
    func explanation() async throws {
        try await with { world in
            try await world.send("Bought", "a", properties: #"{"price":20}"#)
            try await world.process()
            try await world.archive()
            let segment = try await world.create("Buyers", Self.buyers)
            try await world.send("Bought", "a", properties: #"{"price":20}"#)
            try await world.process()
            let id =
                try await world.platform.store.read {
                    try $0.first("SELECT profile_id FROM identities WHERE value = 'a'")?.int(0)
                } ?? 0
            let told = try await SegmentExplanation.explain(id, in: segment.id, .english, world.platform)
            #expect(told.holds)
            #expect(told.parts.map(\.finding) == ["2", ""])
            #expect(told.parts[1].parts.map(\.finding) == ["no value"])
        }
    }

    @Test("a snapshot's parts are equal draws that do not overlap")
    func snapshots() async throws {
        let ids = (1...3_000).map { Int64($0) * 7_919 }
        let parts = (0..<3).map { SegmentCut(parts: 3, part: Int64($0), seed: "s").choose(ids) }
        #expect(parts.flatMap { $0 }.sorted() == ids)
        for part in parts { #expect((900...1_100).contains(part.count)) }
        #expect(SegmentCut(cap: 100, seed: "s").choose(ids).count == 100)
        #expect(SegmentCut(cap: 100, seed: "s").choose(ids) == SegmentCut(cap: 100, seed: "s").choose(ids.shuffled()))
    }
}
