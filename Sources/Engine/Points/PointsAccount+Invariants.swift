extension PointsAccount {
    /// What is wrong with the account, as sentences; empty when nothing is. All lots and open holds have to be loaded.
    package func flaws() -> [String] {
        var flaws: [String] = []
        func require(_ holds: Bool, _ text: @autoclosure () -> String) {
            if !holds { flaws.append(text()) }
        }
        for lot in lots.values {
            require(lot.remaining >= 0 && lot.held >= 0, "lot \(lot.number) is below zero")
            require(lot.reversed >= 0 && lot.expired >= 0, "lot \(lot.number) has taken back or lapsed below zero")
            require(lot.reversed <= lot.amount, "more than all of lot \(lot.number) was taken back")
        }
        for (code, balance) in balances {
            let own = lots.values.filter { $0.currency == code }
            let pending = own.reduce(0) { $0 + ($1.isPending ? $1.remaining : 0) }
            let available = own.reduce(0) { $0 + ($1.isPending ? 0 : $1.remaining) }
            let held = own.reduce(0) { $0 + $1.held }
            require(balance.pending == pending, "\(code): pending \(balance.pending), lots \(pending)")
            require(balance.available == available, "\(code): available \(balance.available), lots \(available)")
            require(balance.held == held, "\(code): held \(balance.held), lots \(held)")
            let reserved = holds.values.filter { $0.currency == code && $0.state == .open }.reduce(0) { $0 + $1.held }
            require(held == reserved, "\(code): lots hold \(held), holds \(reserved)")
            require(balance.owed <= 0, "\(code): owes less than nothing")
            require(balance.owed == 0 || available == 0, "\(code): owes and has points available")
        }
        for redemption in redemptions.values {
            require(
                redemption.shares.allSatisfy { (0...$0.amount).contains($0.returned) },
                "redemption \(redemption.key) gave back more than it took")
            require(
                redemption.shares.reduce(0) { $0 + $1.amount } == redemption.amount,
                "redemption \(redemption.key) does not add up")
        }
        return flaws
    }
}
