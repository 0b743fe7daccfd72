/// Points earned in the window, less what returns took back: `{"kind": "points", "at_least": 5000}`. What was spent, given
/// away or lapsed stays earned, so that spending never costs a tier.
package enum PointsEarned: LedgerQualification {
    package static let kind = "points"
    package static var ledger: String? { "points" }
}
