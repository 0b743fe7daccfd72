import Storage

/// What tiers entitle to: multipliers for the earning rules, grants of what is given, uses of what was.
///
/// Invariants: a grant is given once for its occasion; it is used no more often than it says, and a use has a key that stands
/// for it for all time; a month's quota is never exceeded, whoever asks at the same moment.
package struct TierBenefits: Sendable {
    private let multipliers: [String: Int64]

    package init(_ ladder: TierLadder?) {
        multipliers = Dictionary(
            (ladder?.tiers ?? []).compactMap { tier in
                tier.benefits.compactMap(\.multiplier).max().map { (tier.code, $0) }
            }, uniquingKeysWith: { first, _ in first })
    }

    /// Of the ladder that holds now. Throws: `StorageError`.
    package static func current(_ connection: any SQLConnection) throws -> TierBenefits {
        TierBenefits(try TierLadders.current(connection)?.ladder)
    }

    /// By how much what a member of the tier earns is multiplied, in hundredths; 100 where nothing is said.
    package func multiplier(for tier: String?) -> Int64 {
        tier.flatMap { multipliers[$0] } ?? 100
    }
}
