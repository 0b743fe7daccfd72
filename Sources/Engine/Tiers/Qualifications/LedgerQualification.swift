/// Qualification by what was earned in the window on a currency's ledger, less what returns took back.
package protocol LedgerQualification: TierQualification {}

extension LedgerQualification {
    package static func value(_ indicator: TierIndicator, _ facts: TierFacts, _ window: TierWindow) -> Int64 {
        facts.earned(indicator.ledger ?? "", window)
    }

    package static func amount(_ value: Int64, _ indicator: TierIndicator, _ words: TierWords) -> String {
        words.points(value, indicator)
    }

    package static func name(_ indicator: TierIndicator, _ words: TierWords) -> String {
        words.language("获得的\(words.currencyName(indicator))", "\(words.currencyName(indicator)) earned")
    }

    package static func figure(_ value: Int64, _ indicator: TierIndicator, _ words: TierWords) -> String {
        words.number(value, indicator)
    }

    package static func atLeast(_ value: Int64, _ indicator: TierIndicator, _ words: TierWords) -> String {
        let earned = words.points(value, indicator)
        return words.language("获得至少 \(earned)", "at least \(earned) earned")
    }
}
