import Engine

/// Why the ledger refused, in words.
enum PointsProblem {
    static func say(_ error: PointsError, _ words: PointsWords) -> String {
        let wording = words.wording
        func number(_ value: Int64) -> String { wording.number(value) }
        switch error {
        case .insufficient(let available, let wanted):
            return wording.text(
                "points.refused_insufficient", ["available": number(available), "wanted": number(wanted)])
        case .exceedsOriginal(let left, _): return wording.text("points.refused_original", ["left": number(left)])
        case .transferLimit(let left, _): return wording.text("points.refused_transfer_limit", ["left": number(left)])
        case .adjustmentLimit(let most):
            return wording.text("points.refused_adjustment_limit", ["most": number(most)])
        case .amount(_, let limit): return wording.text("points.refused_amount", ["limit": number(limit)])
        case .transferNotAllowed(let code):
            return wording.text("points.refused_transfer", ["currency": words.name(code)])
        case .notSpendable(let code):
            return wording.text("points.refused_not_spendable", ["currency": words.name(code)])
        case .accountNotFound: return wording.text("points.refused_member")
        case .accountClosed: return wording.text("points.refused_closed")
        case .transferToSelf: return wording.text("points.refused_self")
        case .expiryInPast: return wording.text("points.refused_past")
        case .expiryNotLater: return wording.text("points.refused_not_later")
        case .reinstatementOver: return wording.text("points.refused_reinstatement")
        case .lotEmpty, .lotNotFound: return wording.text("points.refused_lot")
        case .keyReused: return wording.text("points.refused_key")
        case .note: return wording.text("points.refused_note")
        case .balanceTooLarge: return wording.text("points.refused_balance")
        default: return wording.text("points.refused")
        }
    }

    private static func names(_ uses: [SegmentUse], _ wording: Wording) -> String {
        uses.map(\.name).joined(separator: wording.isChinese ? "、" : ", ")
    }

    /// What of a currency's definition cannot be used.
    static func say(currency error: PointsError, _ wording: Wording) -> String {
        switch error {
        case .invalidCurrency(let field, _):
            return wording.known("points.invalid_\(field)") ?? wording.text("points.invalid_definition")
        case .currencyExists(let code): return wording.text("points.currency_exists", ["code": code])
        case .currencyInUse: return wording.text("points.currency_in_use")
        case .currencyUsedBy(let uses): return wording.text("segment.in_use", ["names": names(uses, wording)])
        case .tooManyCurrencies(let limit): return wording.text("points.too_many", ["limit": String(limit)])
        default: return wording.text("points.refused")
        }
    }
}
