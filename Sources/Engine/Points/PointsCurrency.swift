/// A unit that the program counts in: points, growth value, stamps. Amounts are integers of 10^-scale of it.
package struct PointsCurrency: Codable, Sendable, Equatable {
    /// `points`, `growth`, …: lower-case letters, digits and underscores, a letter first.
    package var code: String
    /// Its name by language.
    package var names: [String: String]
    /// Decimal digits that are shown.
    package var scale: Int
    /// False for what only counts, for tiers.
    package var isSpendable: Bool
    package var expiry: PointsExpiry
    /// Days before an expiry on which the member is told, most first.
    package var noticeDays: [Int]
    /// Days until an award can be spent, unless the award says.
    package var pendingDays: Int
    package var reversal: PointsReversal
    /// Days after an expiry in which expired points can be brought back, and in which points of a returned redemption
    /// come back to life.
    package var reinstatementDays: Int
    package var transfer: PointsTransferPolicy?
    /// nil: no.
    private var poolable: Bool?
    /// What may be given or taken by hand at once; nil: any amount.
    package var adjustmentMax: Int64?
    /// Beyond it, what is given or taken by hand needs the approval of another user; nil: never.
    package var approvalAbove: Int64?
    /// What 1,000 of it are worth to the brand, in minor units of the workspace's currency; nil: nobody said.
    package var valuePerThousand: Int64?

    private enum CodingKeys: String, CodingKey {
        case code, names, scale, expiry, reversal, transfer, poolable
        case isSpendable = "spendable"
        case noticeDays = "notice_days"
        case pendingDays = "pending_days"
        case reinstatementDays = "reinstatement_days"
        case adjustmentMax = "adjustment_max"
        case approvalAbove = "approval_above"
        case valuePerThousand = "value_per_thousand"
    }

    package init(
        code: String, names: [String: String] = [:], scale: Int = 0, isSpendable: Bool = true,
        expiry: PointsExpiry = .never, noticeDays: [Int] = [], pendingDays: Int = 0,
        reversal: PointsReversal = .deficit, reinstatementDays: Int = 0, transfer: PointsTransferPolicy? = nil,
        isPoolable: Bool = false, adjustmentMax: Int64? = nil, approvalAbove: Int64? = nil,
        valuePerThousand: Int64? = nil
    ) {
        self.code = code
        self.names = names
        self.scale = scale
        self.isSpendable = isSpendable
        self.expiry = expiry
        self.noticeDays = noticeDays
        self.pendingDays = pendingDays
        self.reversal = reversal
        self.reinstatementDays = reinstatementDays
        self.transfer = transfer
        poolable = isPoolable ? true : nil
        self.adjustmentMax = adjustmentMax
        self.approvalAbove = approvalAbove
        self.valuePerThousand = valuePerThousand
    }

    /// Whether households may put it into a pool.
    package var isPoolable: Bool {
        get { poolable ?? false }
        set { poolable = newValue ? true : nil }
    }

    /// The name in a language, else in any, else the code.
    package func name(_ language: String) -> String {
        names[language] ?? names.min { $0.key < $1.key }?.value ?? code
    }

    /// Throws: `PointsError.invalidCurrency` naming the first field that cannot be used.
    package func validate() throws {
        func refuse(_ field: String, _ reason: String) -> PointsError { .invalidCurrency(field: field, reason: reason) }
        let letters = code.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
        guard (1...32).contains(code.utf8.count), letters, (97...122).contains(code.utf8.first ?? 0) else {
            throw refuse("code", "must be 1 to 32 of a–z, 0–9 and _, a letter first")
        }
        guard names.allSatisfy({ Workspace.languages.contains($0.key) && (1...40).contains($0.value.count) }) else {
            throw refuse("names", "must be en and zh-Hans, each 1 to 40 characters")
        }
        guard (0...PointsLimits.scaleMax).contains(scale) else {
            throw refuse("scale", "must be 0 to \(PointsLimits.scaleMax)")
        }
        if let reason = expiry.flaw { throw refuse("expiry", reason) }
        guard noticeDays.count <= PointsLimits.noticesMax, noticeDays == Set(noticeDays).sorted(by: >),
            noticeDays.allSatisfy({ (1...PointsLimits.daysMax).contains($0) })
        else { throw refuse("notice_days", "must be up to \(PointsLimits.noticesMax) different days, most first") }
        guard (0...PointsLimits.daysMax).contains(pendingDays) else {
            throw refuse("pending_days", "must be 0 to \(PointsLimits.daysMax)")
        }
        guard (0...PointsLimits.daysMax).contains(reinstatementDays) else {
            throw refuse("reinstatement_days", "must be 0 to \(PointsLimits.daysMax)")
        }
        if let transfer {
            guard isSpendable else { throw refuse("transfer", "only what can be spent can be transferred") }
            guard (1...PointsLimits.amountMax).contains(transfer.dailyMax),
                (0...10_000).contains(transfer.feeBasisPoints)
            else { throw refuse("transfer", "needs a daily maximum above 0 and a fee of 0 to 10000 basis points") }
        }
        if isPoolable, !isSpendable { throw refuse("poolable", "only what can be spent can be shared in a pool") }
        if let most = adjustmentMax, !(0...PointsLimits.amountMax).contains(most) {
            throw refuse("adjustment_max", "must be 0 to \(PointsLimits.amountMax)")
        }
        if let above = approvalAbove, !(0...PointsLimits.amountMax).contains(above) {
            throw refuse("approval_above", "must be 0 to \(PointsLimits.amountMax)")
        }
        if let value = valuePerThousand, !(0...PointsLimits.amountMax).contains(value) {
            throw refuse("value_per_thousand", "must be 0 to \(PointsLimits.amountMax)")
        }
    }
}

/// What is taken back when points that a return takes away were spent already.
package enum PointsReversal: String, Codable, Sendable, CaseIterable {
    /// Only what is still pending.
    case pendingOnly = "pending_only"
    /// No more than the available balance has.
    case withinBalance = "within_balance"
    /// All; the member owes the rest, and later credits repay it.
    case deficit
}

/// Whether members may give each other points.
package struct PointsTransferPolicy: Codable, Sendable, Equatable {
    /// What one member may give away in one day of the workspace, fee not counted.
    package var dailyMax: Int64
    /// Kept from the giver on top, in hundredths of a percent, rounded half up.
    package var feeBasisPoints: Int

    private enum CodingKeys: String, CodingKey {
        case dailyMax = "daily_max"
        case feeBasisPoints = "fee_basis_points"
    }

    package init(dailyMax: Int64, feeBasisPoints: Int = 0) {
        self.dailyMax = dailyMax
        self.feeBasisPoints = feeBasisPoints
    }

    func fee(of amount: Int64) -> Int64 {
        (amount * Int64(feeBasisPoints) + 5_000) / 10_000
    }
}
