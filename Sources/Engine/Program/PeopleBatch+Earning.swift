import Storage

extension PeopleBatch {
    /// Enrols whom the program takes in, gives what it gives for the orders and events of the batch, and takes back what
    /// came back, in the processor's transaction. Returns what is to be said.
    ///
    /// Call it after `save`: it finds people, orders and accounts as they are then. Throws: `StorageError`.
    func earn(
        _ events: [LoggedEvent], _ outcomes: [(position: Int64, profileID: Int64, outcome: EventOutcome)],
        _ program: ProgramCache, _ segments: SegmentCache, at now: Timestamp
    ) throws -> [SystemEvent] {
        guard let published = try program.load(connection) else { return [] }
        var told: [SystemEvent] = []
        let orders = try earningOrders()
        let acted = acted(events, outcomes, published.rules)
        var wanted = Set(orders.map(\.profileID)).union(acted.map(\.profileID))
        let joining = joining(published.program.enrolment)
        wanted.formUnion(joining.keys)
        var members = try ProgramMembers.of(wanted, connection)
        let enrolled = try ProgramMembers.enrol(
            joining.filter { members[$0.key] == nil }, effects: context.effects, connection)
        members.merge(enrolled.members) { $1 }
        told += enrolled.events
        told += try TierReview.review(members: enrolled.members.values.map(\.account).sorted(), at: now, connection)
        let people = try EarningPeople(
            published.rules.criteria, context.workspace, segments: segments, connection
        ) { id in
            guard let person = self.person(id) else { return nil }
            return (person.row, try person.state())
        }
        var batch = EarningBatch(published, people, members, at: now, connection)
        let earlier = try ProgramMembers.earlierOrders(
            enrolled.members, published, context.workspace.calendar, connection)
        let present = Set(orders.map(\.orderID))
        batch.orders = orders + earlier.filter { !present.contains($0.orderID) }
        batch.events = acted.filter { members[$0.profileID] != nil }
        batch.releases = released(events, published.rules.releasingEvents)
        return told + (try batch.run())
    }

    /// Orders that changed, or came by a merge.
    private func earningOrders() throws -> [OrderRecord] {
        var ids = orders.changedIDs
        for merge in merges { ids.formUnion(merge.detail.orders) }
        let moved = try OrderRows.load(ids.filter { orders.records[$0] == nil }.sorted(), connection)
        return ids.sorted().compactMap { orders.records[$0] ?? moved[$0] }.filter { $0.profileID != 0 }
    }

    /// Events that some rule looks at, with the living person whose they are.
    private func acted(
        _ events: [LoggedEvent], _ outcomes: [(position: Int64, profileID: Int64, outcome: EventOutcome)],
        _ rules: EarningRuleSet
    ) -> [(event: LoggedEvent, profileID: Int64)] {
        var acted: [(event: LoggedEvent, profileID: Int64)] = []
        for (event, outcome) in zip(events, outcomes)
        where outcome.outcome == .stored && rules.looksAt(event: event.event.name) {
            if let person = person(outcome.profileID) { acted.append((event, person.row.id)) }
        }
        return acted
    }

    /// Whom the program takes in, and since when.
    private func joining(_ policy: EnrolmentPolicy) -> [Int64: Timestamp] {
        var joining: [Int64: Timestamp] = [:]
        switch policy.when {
        case .asked: break
        case .identified:
            for person in people.values where person.row.isLiving && person.row.isIdentified && person.isChanged {
                let since = person.row.identifiedMS ?? person.row.lastSeenMS
                joining[person.row.id] = Timestamp(milliseconds: min(since, context.now.milliseconds))
            }
        case .ordered:
            for id in orderPeople {
                guard let row = person(id)?.row, row.isIdentified, let first = row.firstOrderMS else { continue }
                joining[row.id] = Timestamp(milliseconds: min(first, context.now.milliseconds))
            }
        }
        return joining
    }

    /// What lots wait for: events by name and order.
    private func released(_ events: [LoggedEvent], _ names: Set<String>) -> Set<String> {
        guard !names.isEmpty else { return [] }
        var released: Set<String> = []
        for event in events where names.contains(event.event.name) {
            let order = OrderReader.read(event.event.properties, action: .updated).orderID
            if !order.isEmpty {
                released.insert(
                    String(
                        EarningTerms.waitsFor(event.event.name, order: order).prefix(PointsLimits.keyBytes)))
            }
        }
        return released
    }
}
