import Storage

/// What happens at tills, in the office and between members.
extension SimulatedYear {
    mutating func operate() async throws {
        report.operations += 1
        switch random.whole(0...199) {
        case 0..<48: try await sell()
        case 48..<76: try await takeGoodsBack()
        case 76..<90: try await act()
        case 90..<96: try await tellAgain()
        case 96..<116: try await couponStep()
        case 116..<119: try await grantTier()
        case 119: try await publishVersion()
        case 120..<130: try await poolStep()
        default: try await operateLedger()
        }
    }

    /// What tills and the office ask of the ledger by command.
    private mutating func operateLedger() async throws {
        switch random.whole(0...99) {
        case 0..<22: try await purchase()
        case 22..<34: try await redeem()
        case 34..<46: try await goodsComeBack()
        case 46..<51: try await redemptionComesBack()
        case 51..<57: try await hold()
        case 57..<62: try await endHold()
        case 62..<66: try await transfer()
        case 66..<69: try await byHand()
        case 69..<76: try await again()
        case 76..<81: try await deliver()
        case 81..<85: try await tillsAtOnce()
        case 85..<89: try await claim()
        case 89..<92: try await claimEnds()
        case 92..<94: jump()
        case 94..<96: try await merge()
        case 96..<98: try await mergeIsUndone()
        default: try await changeRules()
        }
    }

    /// A living member; a few are met much more often than the rest.
    mutating func someone() -> Int {
        for _ in 0..<Self.tries {
            let index = random.whole(0...(random.chance(0.5) ? min(Self.regulars, members.count) : members.count) - 1)
            if !members[index].isGone { return index }
        }
        return members.firstIndex { !$0.isGone } ?? 0
    }

    private static let tries = 50
    private static let regulars = 60

    private mutating func purchase() async throws {
        let member = someone()
        let key = "o\(step)"
        let amount = Int64(random.whole(1...300))
        var award = PointsAward(key: key, amount: amount, source: "order")
        if random.chance(0.2) { award.waitsFor = "delivery:\(random.whole(1...5))" }
        let command = PointsCommand.award(
            account: members[member].account, currency: random.pick(Self.currencies), award)
        guard try await attempt(command, [member]) != nil else { return }
        orders.append(
            Order(key: key, member: member, awarded: amount, worth: Int64(random.whole(100...90_000))))
    }

    private mutating func redeem() async throws {
        let member = someone()
        let (key, amount) = ("r\(step)", Int64(random.whole(1...250)))
        let command = PointsCommand.redeem(
            account: members[member].account, currency: random.pick(Self.currencies), amount, key: key, note: [:])
        if try await attempt(command, [member]) != nil { redemptions.append((key, amount)) }
    }

    /// Part of an order, or the rest of it; any split takes back the same.
    private mutating func goodsComeBack() async throws {
        guard !orders.isEmpty else { return }
        let index = random.whole(0...orders.count - 1)
        var order = orders[index]
        guard order.returned < order.worth else { return }
        let rest = order.worth - order.returned
        order.returned += random.chance(0.4) ? rest : Int64(random.whole(1...Int(rest)))
        let target = PointsAccount.reversed(of: order.awarded, returned: order.returned, whole: order.worth)
        if target > order.taken {
            let command = PointsCommand.reverse(
                award: order.key, target - order.taken, key: "x\(step)", note: [:])
            guard try await attempt(command, [order.member]) != nil else { return }
            order.taken = target
        }
        orders[index] = order
        guard order.returned == order.worth else { return }
        if order.taken != order.awarded {
            throw fail("return", ["an order that came back whole took \(order.taken) of \(order.awarded)"])
        }
        // Once more is refused.
        let more = PointsCommand.reverse(award: order.key, 1, key: "xx\(step)", note: [:])
        if try await attempt(more, [order.member]) != nil { throw fail("return", ["more came back than was given"]) }
    }

    private mutating func redemptionComesBack() async throws {
        guard !redemptions.isEmpty else { return }
        let one = random.pick(redemptions)
        let amount = random.chance(0.5) ? nil : Int64(random.whole(1...Int(one.amount)))
        _ = try await attempt(.giveBack(redemption: one.key, amount, key: "b\(step)", note: [:]), [])
    }

    private mutating func hold() async throws {
        let member = someone()
        let until = clock.now.adding(milliseconds: Int64(random.whole(60_000...400_000_000)))
        let command = PointsCommand.reserve(
            account: members[member].account, currency: "points", Int64(random.whole(1...200)), until: until,
            key: "h\(step)", note: [:])
        if try await attempt(command, [member]) != nil { holds.append("h\(step)") }
    }

    private mutating func endHold() async throws {
        guard !holds.isEmpty else { return }
        let key = random.pick(Array(holds.suffix(20)))
        let command: PointsCommand =
            random.chance(0.3)
            ? .letGo(hold: key, key: "l\(step)")
            : .capture(
                hold: key, random.chance(0.5) ? nil : Int64(random.whole(1...100)),
                keepsRest: random.chance(0.5), key: "c\(step)", note: [:])
        _ = try await attempt(command, [])
    }

    private mutating func transfer() async throws {
        let (from, to) = (someone(), someone())
        let command = PointsCommand.transfer(
            from: members[from].account, to: members[to].account, currency: random.pick(Self.currencies),
            Int64(random.whole(1...200)), key: "t\(step)", note: [:])
        _ = try await attempt(command, [from, to])
    }

    private mutating func byHand() async throws {
        let member = someone()
        let account = members[member].account
        let command: PointsCommand =
            random.chance(0.5)
            ? .adjust(
                account: account, currency: "points", Int64(random.whole(-80...80)), key: "a\(step)",
                note: ["reason": "simulated"])
            : .donate(
                account: account, currency: "points", Int64(random.whole(1...60)), key: "d\(step)",
                note: ["cause": "trees"])
        _ = try await attempt(command, [member])
    }

    /// The same command comes again, late or twice; or another one steals its key.
    private mutating func again() async throws {
        guard !done.isEmpty else { return }
        let one = random.pick(done)
        let answer = try await Points.perform(one.command, platform)
        report.repeats += 1
        guard answer.isRepeat, answer.transactions == one.transactions else {
            throw fail("repeat", ["\(one.command.key) was not answered as the first time"])
        }
        guard case .redeem(let account, let currency, let amount, let key, let note) = one.command else { return }
        do {
            _ = try await Points.perform(
                .redeem(account: account, currency: currency, amount + 1, key: key, note: note), platform)
            throw fail("repeat", ["a key stood for two commands"])
        } catch PointsError.keyReused {}
    }

    /// Before or after the purchases that wait for it.
    private mutating func deliver() async throws {
        let (event, effects) = ("delivery:\(random.whole(1...5))", platform.effects)
        let waiting = try await platform.store.read { connection in
            try connection.query(
                "SELECT DISTINCT account_id FROM points_lots WHERE waits_for = \(event) AND pending = 1"
            ).map { try $0.int(0) }
        }
        _ = try await platform.store.write { try Points.release(waitingFor: event, effects: effects, $0) }
        let again = try await platform.store.write { try Points.release(waitingFor: event, effects: effects, $0) }
        if !again.isEmpty { throw fail("release", ["\(event) released twice"]) }
        for account in waiting { try await look(account, "release") }
    }

    private mutating func claim() async throws {
        let (member, reward, effects) = (someone(), random.pick(rewards), platform.effects)
        let request = RewardRequest(
            rewardID: reward, account: members[member].account, quantity: Int64(random.whole(1...2)), key: "w\(step)")
        do {
            let first = try await platform.store.write {
                try RewardClaims.claim(request, by: "simulation", effects, $0)
            }
            let again = try await platform.store.write {
                try RewardClaims.claim(request, by: "simulation", effects, $0)
            }
            guard again.isRepeat, again.claim == first.claim else { throw fail("claim", ["claimed twice"]) }
            claims.append(first.claim.id)
            report.claims += 1
        } catch is RewardError {
            report.refused += 1
        }
        try await look(members[member].account, "claim")
    }

    private mutating func claimEnds() async throws {
        guard !claims.isEmpty else { return }
        let (id, effects) = (random.pick(claims), platform.effects)
        let state: RewardClaim.State = random.chance(0.6) ? .cancelled : .confirmed
        do {
            _ = try await platform.store.write {
                try RewardClaims.step(id, to: state, note: "", by: "simulation", effects, $0)
            }
        } catch is RewardError {
            report.refused += 1
        } catch PointsError.accountClosed {
            report.refused += 1
        }
    }

    /// Clocks are set: mostly on, by as much as a month, sometimes back.
    private mutating func jump() {
        let hours = random.chance(0.3) ? -random.whole(1...20) : random.whole(1...700)
        clock.move(milliseconds: Int64(hours) * 3_600_000)
    }

    private mutating func merge() async throws {
        let (left, right) = (someone(), someone())
        guard left != right, members.lazy.filter({ !$0.isGone }).prefix(4).count > 3 else { return }
        let (platform, now) = (platform, clock.now)
        let (one, other) = (members[left].profile, members[right].profile)
        try await platform.store.write { connection in
            let events = try ManualMerge.merge(one, other, platform: platform, at: now, connection)
            try SystemEventLog.append(events, now: now, effects: platform.effects, to: connection)
        }
        report.merges += 1
        let (a, b) = (members[left].account, members[right].account)
        let closed = try await platform.store.read { connection in
            (
                try PointsAccounts.get(a, connection).closedAt != nil,
                try PointsAccounts.get(b, connection).closedAt != nil
            )
        }
        guard closed.0 != closed.1 else { throw fail("merge", ["not exactly one of two accounts was closed"]) }
        members[closed.0 ? left : right].isGone = true
        merged = (gone: closed.0 ? left : right, stays: closed.0 ? right : left)
        for account in [a, b] {
            try await look(account, "merge")
            try await auditTier(of: account, "merge")
        }
        try await auditPurchases(of: [left, right])
    }

    /// The last one, where nothing stands on it.
    private mutating func mergeIsUndone() async throws {
        guard let (index, other) = merged else { return }
        let (now, effects) = (clock.now, platform.effects)
        do {
            try await platform.store.write { connection in
                guard let last = try MergeHistory.latest(connection).first else { return }
                let (event, moved) = try Unmerge.undo(last.id, at: now, connection)
                try SystemEventLog.append([event] + moved, now: now, effects: effects, to: connection)
            }
        } catch is ProfileError {
            report.refused += 1
            return
        }
        members[index].isGone = false
        merged = nil
        report.unmerges += 1
        for account in [members[index].account, members[other].account] {
            try await look(account, "merge undone")
            try await auditTier(of: account, "merge undone")
        }
        try await auditPurchases(of: [index, other])
    }

    private func auditPurchases(of people: Set<Int>) async throws {
        for purchase in purchases where people.contains(purchase.member) && purchase.underway == 0 {
            try await audit(purchase)
        }
    }

    private mutating func changeRules() async throws {
        let (months, days, now) = (random.whole(1...6), random.whole(0...10), clock.now)
        let reversal = random.pick(PointsReversal.allCases)
        try await platform.store.write { connection in
            guard var currency = try PointsCurrencies.stored("points", connection)?.currency else { return }
            (currency.expiry, currency.pendingDays, currency.reversal) = (.rolling(months: months), days, reversal)
            _ = try PointsCurrencies.update(currency, at: now, connection)
        }
    }
}
