import Storage

extension PeopleBatch {
    private static let ownIDPriority = 200

    /// Folds an order event into its order, whoever's it is.
    mutating func apply(
        _ input: OrderInput, of logged: LoggedEvent, _ claims: ClaimSet, _ person: Person?
    ) {
        let owner = CatalogueDeclarations.owner(ofEvent: logged.event.name)
        for violation in input.violations {
            catalogue.violate(owner, violation.property, violation.rule, violation.example, logged)
        }
        guard !input.orderID.isEmpty else { return }
        // Who is addressed by the profile's own id is known beyond what any identity proves.
        let strength = claims.profileID == nil ? claims.claims.first?.priority ?? 0 : Self.ownIDPriority
        let priority = person == nil ? -1 : strength
        let touched = orders.apply(input, of: logged, priority: priority, profileID: person?.row.id ?? 0)
        for id in touched {
            if let person = self.person(id) { orderPeople.insert(person.row.id) }
        }
    }

    /// Writes the orders and computes from their rows what they add up to, person by person.
    mutating func settleOrders() throws {
        try orders.save(currency: context.workspace.currency, connection)
        let ids = orderPeople.sorted()
        for (id, totals) in zip(ids, try OrderTotals.load(of: ids, connection)) {
            changeProfile(id) { totals.note(in: &$0) }
        }
    }

    /// Writes every profile that changed, once. People who were only seen again are left to the roll-up when it counts
    /// visits.
    mutating func savePeople() throws {
        var inserted: [Profile] = []
        var touched: [Profile] = []
        var updated: [Profile] = []
        for person in people.values.sorted(by: { $0.row.id < $1.row.id }) {
            guard person.isNew || person.isChanged || person.isTouched else { continue }
            if countsVisitsLater, !person.isNew, !person.isChanged {
                laterVisitors.insert(person.row.id)
                continue
            }
            person.writeState()
            person.row.version += 1
            if person.isNew {
                inserted.append(person.row)
            } else if person.isChanged {
                updated.append(person.row)
            } else {
                touched.append(person.row)
            }
        }
        try ProfileRows.insert(inserted, connection)
        try ProfileRows.touch(touched, connection)
        try ProfileRows.update(updated, connection)
    }
}

extension OrderTotals {
    func note(in profile: inout Profile) {
        profile.orderCount = count
        profile.netSpend = netSpend
        profile.firstOrderMS = firstMS
        profile.lastOrderMS = lastMS
    }
}
