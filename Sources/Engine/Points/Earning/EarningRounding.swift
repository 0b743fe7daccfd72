/// What becomes of a fraction of a point; every rule that divides says which.
package enum EarningRounding: String, Sendable, CaseIterable {
    case down
    /// To the nearest; a half goes up.
    case nearest
    case up

    /// `amount × points ÷ per`, none of them below 0; at most what one movement of the ledger may have.
    package func points(_ amount: Int64, _ points: Int64, per: Int64) -> Int64 {
        guard per > 0, amount > 0, points > 0 else { return 0 }
        let product = Int128(amount) * Int128(points)
        let (quotient, remainder) = product.quotientAndRemainder(dividingBy: Int128(per))
        let isMore: Bool
        switch self {
        case .down: isMore = false
        case .nearest: isMore = remainder * 2 >= Int128(per)
        case .up: isMore = remainder > 0
        }
        return Int64(min(quotient + (isMore ? 1 : 0), Int128(PointsLimits.amountMax)))
    }

    package func words(_ language: CriteriaLanguage) -> String {
        switch self {
        case .down: language("舍去小数", "rounded down")
        case .nearest: language("四舍五入", "rounded to the nearest")
        case .up: language("进位取整", "rounded up")
        }
    }

    /// Shares of a whole in proportion to weights, which add up to the whole exactly: each share is what the weights up
    /// to it come to, rounded down, less what those before it came to. Without weights the first takes all.
    package static func spread(_ whole: Int64, over weights: [Int64]) -> [Int64] {
        let sum = weights.reduce(Int128(0)) { $0 + Int128(max($1, 0)) }
        guard sum > 0 else { return weights.indices.map { $0 == 0 ? whole : 0 } }
        var passed: Int128 = 0
        var given: Int64 = 0
        return weights.map { weight in
            passed += Int128(max(weight, 0))
            let due = Int64(Int128(whole) * passed / sum)
            defer { given = due }
            return due - given
        }
    }
}
