import Storage

/// How commands are tried, and what has to hold after each.
extension SimulatedYear {
    /// Performs a command, through a crash or a lost answer now and then. nil: it was refused, and changed nothing.
    mutating func attempt(_ command: PointsCommand, _ touched: [Int]) async throws -> Points.Answer? {
        let name = "\(command.key)"
        let accounts = touched.map { members[$0].account }
        let before = try await marks(accounts)
        let effects = platform.effects
        if random.chance(0.06) {
            report.crashes += 1
            do {
                try await platform.store.write { connection in
                    _ = try Points.perform(command, effects: effects, connection)
                    throw Crash()
                }
            } catch is Crash {
            } catch is PoolError {
            } catch is PointsError {}
            if try await marks(accounts) != before { throw fail(name, ["a crash before the commit left something"]) }
        }
        do {
            var answer = try await Points.perform(command, platform)
            if answer.isRepeat { throw fail(name, ["a new command was taken for one that was done"]) }
            if random.chance(0.06) {
                report.lostAnswers += 1
                let again = try await Points.perform(command, platform)
                guard again.isRepeat, again.transactions == answer.transactions else {
                    throw fail(name, ["asked again after a lost answer it was done twice, or told otherwise"])
                }
                answer.isRepeat = false
            }
            remember(command, answer)
            for account in Set(accounts + answer.transactions.map(\.account)).sorted() { try await look(account, name) }
            return answer
        } catch let error as PointsError {
            if case .broken(_, _, let reason) = error { throw fail(name, [reason]) }
            report.refused += 1
            if try await marks(accounts) != before { throw fail(name, ["refused (\(error)), it changed something"]) }
            return nil
        } catch let error as PoolError {
            report.refused += 1
            if try await marks(accounts) != before { throw fail(name, ["refused (\(error)), it changed something"]) }
            return nil
        }
    }

    /// Many tills at the same moment: with keys of their own exactly as many succeed as the balance bears; with one key
    /// exactly one does.
    mutating func tillsAtOnce() async throws {
        let account = members[someone()].account
        let (amount, tills, isOneKey) = (Int64(random.whole(5...60)), random.whole(4...12), random.chance(0.3))
        report.bursts += 1
        let (platform, step) = (platform, step)
        // What time brings about first is not part of the count.
        _ = try await Points.perform(
            .award(
                account: account, currency: "points", PointsAward(key: "u\(step)", amount: 1, availableAt: clock.now)),
            platform)
        let available = try await platform.store.read {
            try PointsAccounts.get(account, $0).balances["points"]?.available ?? 0
        }
        let performed = try await withThrowingTaskGroup(of: Int.self) { group in
            for till in 0..<tills {
                group.addTask {
                    do {
                        let answer = try await Points.perform(
                            .redeem(
                                account: account, currency: "points", amount,
                                key: isOneKey ? "q\(step)" : "q\(step)-\(till)", note: [:]), platform)
                        return answer.isRepeat ? 0 : 1
                    } catch PointsError.insufficient { return 0 }
                }
            }
            return try await group.reduce(0, +)
        }
        let borne = Int(available / amount)
        let expected = isOneKey ? min(1, borne) : min(tills, borne)
        guard performed == expected else {
            throw fail("tills at once", ["\(performed) of \(tills) spent \(amount) of \(available), not \(expected)"])
        }
        try await look(account, "tills at once")
    }

    /// One account against everything that has to hold of it.
    func look(_ account: Int64, _ operation: String) async throws {
        let flaws = try await platform.store.read { connection in
            try PointsAccountRows.load([account], .everything, locking: false, connection)[account]?.account.flaws()
                ?? ["there is no account \(account)"]
        }
        guard flaws.isEmpty else { throw fail(operation, flaws) }
    }

    func marks(_ accounts: [Int64]) async throws -> [String] {
        guard !accounts.isEmpty else { return [] }
        return try await platform.store.read { connection in
            let loaded = try PointsAccountRows.load(accounts, .balances, locking: false, connection)
            return accounts.map { id in "\(loaded[id]?.account.sequence ?? 0) \(loaded[id]?.account.hash ?? "")" }
        }
    }
}
