/// Sends more people where it has gone better so far.
package enum Bandit {
    /// The share that each variant gets next. W. R. Thompson, *Biometrika* 25 (1933), draws a value from what is
    /// believed of each and takes the highest: each is taken as often as it is likely to be the best, computed here.
    package static func shares(_ beliefs: [Belief]) -> [Double] { BeliefComparison(beliefs).best }

    /// Which variant a draw from 0 up to 1 takes.
    package static func choose(_ shares: [Double], draw: Double) -> Int {
        let place = draw * shares.reduce(0, +)
        var sum = 0.0
        for (index, share) in shares.enumerated() {
            sum += share
            if place < sum { return index }
        }
        return max(shares.count - 1, 0)
    }
}
