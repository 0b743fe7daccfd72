/// Growth value earned in the window, less what returns took back: `{"kind": "growth", "at_least": 3000}`. It counts for
/// tiers alone and is never spent.
package enum GrowthEarned: LedgerQualification {
    package static let kind = "growth"
    package static var ledger: String? { "growth" }
}
