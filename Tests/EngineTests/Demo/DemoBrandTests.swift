import TestSupport
import Testing

@testable import Engine

@Suite("The demo brand")
struct DemoBrandTests {
    private let end = Timestamp(seconds: 1_795_300_000)

    private func batches(seed: UInt64, people: Int = 300) -> [DemoBatch] {
        Array(DemoBrand(seed: seed, end: end, people: people))
    }

    @Test("the same seed gives the same bytes, another seed others")
    func deterministic() {
        let first = batches(seed: 1).flatMap(\.events)
        #expect(first == batches(seed: 1).flatMap(\.events))
        #expect(first != batches(seed: 2).flatMap(\.events))
    }

    @Test("days come in order, and nothing arrives before it happens or after the end")
    func order() {
        let all = batches(seed: 3)
        #expect(all.map(\.day) == all.map(\.day).sorted())
        for event in all.flatMap(\.events) {
            #expect(event.time <= event.receivedAt)
            #expect(event.receivedAt < end)
            #expect(!event.identities.isEmpty)
        }
    }

    @Test("what is paid is what the lines come to, less the discount")
    func amounts() throws {
        var orders = 0
        for event in batches(seed: 4).flatMap(\.events) where event.name == "Order Completed" {
            let properties = try JSONValue(parsing: event.properties)
            // A few tills write money as text, on purpose.
            guard let revenue = properties["revenue"]?.doubleValue else { continue }
            var sum = 0.0
            for line in properties["products"]?.arrayValue ?? [] {
                sum += (line["price"]?.doubleValue ?? 0) * (line["quantity"]?.doubleValue ?? 0)
            }
            #expect(abs(sum - (properties["discount"]?.doubleValue ?? 0) - revenue) < 0.001)
            orders += 1
        }
        #expect(orders > 300)
    }

    @Test("clicks, scrolling and scans of the last weeks are told as the tracker tells them")
    func tracked() throws {
        let all = batches(seed: 6, people: 1_500)
        var pages: Set<String> = []
        var opened: Set<String> = []
        var (clicks, scans) = (0, 0)
        let since = end.adding(days: -Int(DemoVisits.days) - 1)
        for event in all.flatMap(\.events) {
            switch event.name {
            case "Page Viewed":
                let properties = try JSONValue(parsing: event.properties)
                if let id = properties["page_id"]?.stringValue { opened.insert(id) }
            case "Element Clicked", "Page Dwelt":
                let properties = try JSONValue(parsing: event.properties)
                pages.insert(properties["path"]?.stringValue ?? "")
                #expect(event.time > since && properties["page_id"]?.stringValue != nil)
                guard event.name == "Element Clicked" else { continue }
                clicks += 1
                for (place, size) in [("page_x", "page_width"), ("page_y", "page_height")] {
                    let (at, most) = (properties[place]?.doubleValue ?? -1, properties[size]?.doubleValue ?? 0)
                    #expect(at >= 0 && at <= most)
                }
            case "Channel Code Scanned":
                scans += 1
                let code = try JSONValue(parsing: event.properties)["channel_code"]?.stringValue
                #expect(DemoCode.all.contains { $0.code == code } && event.traitOperation == .setOnce)
                #expect(try JSONValue(parsing: event.context)["channelCode"]?.stringValue == code)
            default: continue
            }
        }
        #expect(pages == Set(DemoPage.all.map(\.path)) && !opened.isEmpty)
        #expect(clicks > 100 && scans > 50 && clicks < 20_000)
        #expect(DemoProduct.all.contains { "/tea/" + $0.sku == DemoPage.all[2].path })
    }

    @Test("the oolong season of the program is about a category that is sold")
    func oolong() throws {
        let rules = try JSONValue(parsing: try DemoProgram.text())["rules"]?.arrayValue ?? []
        let rule = rules.first { $0["id"]?.stringValue == "oolong" }
        let values = rule?["when"]?[0]?["values"]?.arrayValue?.compactMap(\.stringValue) ?? []
        #expect(!values.isEmpty && values.allSatisfy(DemoProduct.categories.contains))
    }

    @Test("it looks like a business: one-time buyers, loyal ones, sales at festivals, repeats, odd identities")
    func proportions() {
        let all = batches(seed: 5, people: 3_000)
        let events = all.flatMap(\.events)
        #expect((30...80) ~= events.count / 3_000)
        var orders: [String: Int] = [:]
        var days: [Int: Int] = [:]
        for batch in all {
            for event in batch.events where event.name == "Order Completed" {
                orders[String(event.messageID.split(separator: "-")[2]), default: 0] += 1
                days[batch.day, default: 0] += 1
            }
        }
        let once = orders.values.count { $0 == 1 }
        #expect((25...50) ~= once * 100 / orders.count)
        #expect(orders.values.count { $0 >= 10 } > 50)
        let busiest = days.max { $0.value < $1.value }.map { CivilDate(dayNumber: $0.key) }
        #expect(busiest.map { [11, 6].contains($0.month) } == true)
        #expect(Set(events.map(\.messageID)).count < events.count)
        #expect(events.contains { $0.identities.contains { $0.kind == "weibo_uid" } })
        #expect(events.contains { $0.identities.contains { $0.value == "null" } })
        #expect(all.contains { !$0.rejected.isEmpty })
        #expect(events.allSatisfy { $0.messageID.count <= EventLimits.messageIDCharacters })
    }
}

@Suite("The demo brand's audience")
struct DemoAudienceTests {
    @Test("segments, tags, score, dashboard and codes are made, once", arguments: StoreKind.allCases)
    func once(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let platform = Platform.testing(store)
            // What the catalogue has learnt of the brand's events by then.
            try await store.write { connection in
                let now = platform.effects.now()
                for name in ["Product Viewed", "Product Added", "Order Completed"] {
                    try Declare.event(.init(name: name), at: now, connection)
                }
                for name in ["birthday", "favourite_tea"] {
                    try Declare.field(
                        .init(owner: CatalogueDeclarations.traitOwner, name: name), at: now, connection)
                }
            }
            try await DemoAudience.load(platform)
            try await DemoAudience.load(platform)
            try await store.read { connection in
                #expect(try Segments.list(connection).count == 6)
                #expect(try Tags.list(connection).count == 5)
                #expect(try ScoreModels.list(connection).map(\.name) == ["购买意向"])
                let boards = try Dashboards.list(for: 7, connection)
                #expect(boards.map(\.name) == ["每周经营"] && boards[0].layout.panels.count == 5)
                #expect(try ChannelCodes.list(connection).count == 3)
                let reports = try SavedViews.list(.reports, for: 7, connection)
                #expect(reports.count == 5 && reports.allSatisfy { $0.isShared && $0.name.contains(" · ") })
                let day = try Workspace.load(connection).calendar.day(of: platform.effects.now())
                let machines = try FilteredTraffic.rows(first: day - 29, last: day, connection)
                #expect(Set(machines.map(\.reason)) == [.machine, .automation, .prefetch])
                #expect(machines.first?.agent == "Baiduspider" && (400...1_000) ~= machines[0].hits)
            }
            let layout = try await store.read { try Dashboards.list(for: 7, $0)[0].layout }
            try await Dashboards.check(layout, platform)
            for report in DemoReports.all { _ = try await SavedReports.question(report.query, platform) }
        }
    }
}
