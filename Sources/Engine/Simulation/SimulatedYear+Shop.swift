import Storage

/// What people do, told through the log as shops tell it: late, twice, out of order; judged by the program in the
/// processor's transaction.
extension SimulatedYear {
    /// An event on its way.
    struct Told {
        var event: IncomingEvent
        /// The step at which it arrives.
        var due: Int
        var purchase: Int?
    }

    private static let categories = ["乌龙", "绿茶", "茶具"]
    private static let lateSteps = 60
    private static let toldMax = 200
    private static let recent = 400

    mutating func sell() async throws {
        let member = someone()
        let kinds = random.whole(1...4)
        let first = random.whole(0...40)
        let lines = (0..<kinds).map { number in
            SimulatedPurchase.Line(
                sku: "S-\(first + number)", category: Self.categories[(first + number) % Self.categories.count],
                price: Int64(random.whole(1...60_000)), quantity: Int64(random.whole(1...5)))
        }
        purchases.append(
            SimulatedPurchase(id: "P\(step)", member: member, store: "shop-\(random.whole(1...4))", lines: lines))
        report.purchases += 1
        try await tell("Order Completed", purchases[purchases.count - 1].told, by: member, of: purchases.count - 1)
    }

    /// Pieces of some lines, the rest of the order, or a cancellation; in any order, and told before the order itself
    /// has arrived now and then.
    mutating func takeGoodsBack() async throws {
        guard let index = recentPurchase(), !purchases[index].isBack else { return }
        let member = purchases[index].member
        report.returns += 1
        if random.chance(0.06) {
            purchases[index].isCancelled = true
            let properties = JSONValue.object(["order_id": .string(purchases[index].id)]).text()
            return try await tell("Order Cancelled", properties, by: member, of: index)
        }
        let isRest = random.chance(0.35)
        let pieces = purchases[index].lines.map { line -> Int64 in
            let left = line.quantity - line.returned
            return isRest ? left : Int64(random.whole(0...Int(left)))
        }
        guard pieces.contains(where: { $0 > 0 }) else { return }
        for place in pieces.indices { purchases[index].lines[place].returned += pieces[place] }
        purchases[index].returns += 1
        let text = purchases[index].told(back: pieces, "\(purchases[index].id)-\(purchases[index].returns)")
        try await tell("Order Refunded", text, by: member, of: index)
        // The same return from another till is the same return.
        if random.chance(0.1) { try await tell("Order Refunded", text, by: member, of: index) }
    }

    /// Something that rules look at.
    mutating func act() async throws {
        guard !eventNames.isEmpty else { return }
        let properties = JSONValue.object([
            "product_id": .string("S-\(random.whole(0...40))"), "seconds": .integer(Int64(random.whole(0...90))),
            "amount": .integer(Int64(random.whole(1...300))), "review_body": .string("好茶"),
        ])
        try await tell(random.pick(eventNames), properties.text(), by: someone(), of: nil)
    }

    /// An event that arrived long ago arrives once more: nothing moves.
    mutating func tellAgain() async throws {
        guard !arrived.isEmpty else { return }
        let one = random.pick(arrived)
        let account = members[one.member].account
        let before = try await marks([account])
        report.repeats += 1
        try await take([one.event])
        if try await marks([account]) != before { throw fail("an event again", ["it counted twice"]) }
    }

    private mutating func recentPurchase() -> Int? {
        guard !purchases.isEmpty else { return nil }
        return random.whole(max(0, purchases.count - Self.recent)...(purchases.count - 1))
    }

    // MARK: The way through the log

    private mutating func tell(_ name: String, _ properties: String, by member: Int, of purchase: Int?) async throws {
        let now = clock.now
        var event = IncomingEvent(
            kind: .track, name: name, messageID: "e\(step)-\(messages)",
            identities: [IdentityClaim(kind: "user_id", value: members[member].user)],
            time: now.adding(milliseconds: -Int64(random.whole(0...600_000))), receivedAt: now, properties: properties)
        messages += 1
        if let purchase { purchases[purchase].underway += 1 }
        let isLate = random.chance(0.2)
        underway.append(
            Told(event: event, due: isLate ? step + random.whole(1...Self.lateSteps) : step, purchase: purchase))
        guard !isLate else { return }
        var due = underway.filter { $0.due <= step }
        underway.removeAll { $0.due <= step }
        for place in due.indices.reversed() where place > 0 { due.swapAt(place, random.whole(0...place)) }
        for place in due.indices { due[place].event.receivedAt = now }
        event.receivedAt = now
        // Twice in one delivery.
        try await take(due.map(\.event) + (random.chance(0.1) ? [event] : []))
        arrived.append((event, member))
        if arrived.count > Self.toldMax { arrived.removeFirst(arrived.count - Self.toldMax) }
        try await look(after: due, member)
    }

    /// Everything that is still on its way arrives.
    mutating func arriveAll() async throws {
        let due = underway
        underway = []
        guard !due.isEmpty else { return }
        let now = clock.now
        try await take(
            due.map { told in
                var event = told.event
                event.receivedAt = now
                return event
            })
        for told in due { if let purchase = told.purchase { purchases[purchase].underway -= 1 } }
        for purchase in Set(due.compactMap(\.purchase)).sorted() { try await audit(purchases[purchase]) }
    }

    private mutating func look(after due: [Told], _ member: Int) async throws {
        for told in due { if let purchase = told.purchase { purchases[purchase].underway -= 1 } }
        for purchase in Set(due.compactMap(\.purchase)).sorted() where purchases[purchase].underway == 0 {
            try await audit(purchases[purchase])
        }
        try await look(members[member].account, "events")
        try await auditTier(of: members[member].account, "events")
    }

    private mutating func take(_ events: [IncomingEvent]) async throws {
        try await survive { platform, _ in
            try await Ingest(platform: platform, signal: LogSignal()).append(
                IncomingBatch(sourceID: 1, events: events))
        }
        try await survive { _, processor in try await processor.catchUp() }
    }

    // MARK: Dying on the way

    /// Does something in one or more transactions of which one may be the last of its process; the next process does it
    /// again from the start. A crash before the first commit leaves nothing, one behind it leaves it done: either way
    /// the second time ends as if there had been one.
    mutating func survive<T: Sendable>(
        _ body: @Sendable (Platform, Processor) async throws -> T
    ) async throws -> T {
        guard random.chance(0.06) else { return try await body(platform, processor) }
        store.die(after: random.whole(0...4), random.chance(0.5) ? .beforeCommit : .afterCommit)
        do {
            let answer = try await body(platform, processor)
            guard store.live() else { return answer }
        } catch is CrashingStore.Crash {
            store.live()
        } catch {
            store.live()
            throw error
        }
        report.crashes += 1
        processor = Processor(platform: platform, signal: LogSignal())
        // Leases of the dead run out.
        clock.move(milliseconds: Self.restartMilliseconds)
        return try await body(platform, processor)
    }

    private static let restartMilliseconds: Int64 = 60_000
}
