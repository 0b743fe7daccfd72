/// Recency, frequency and monetary scores together, 3 to 15, as of the last RFM computation, which has a window of its own:
/// `{"kind": "rfm", "at_least": 12}`.
package enum RFMScore: TierQualification {
    package static let kind = "rfm"
    package static var range: ClosedRange<Int64> { 3...15 }

    package static func value(_ indicator: TierIndicator, _ facts: TierFacts, _ window: TierWindow) -> Int64 {
        facts.rfm
    }

    package static func amount(_ value: Int64, _ indicator: TierIndicator, _ words: TierWords) -> String {
        words.language("RFM \(value) 分", EnglishCount.text(value, "RFM point"))
    }

    package static func name(_ indicator: TierIndicator, _ words: TierWords) -> String {
        words.language("RFM 得分", "RFM score")
    }

    package static func figure(_ value: Int64, _ indicator: TierIndicator, _ words: TierWords) -> String {
        words.language("\(value) 分", String(value))
    }

    package static func atLeast(_ value: Int64, _ indicator: TierIndicator, _ words: TierWords) -> String {
        words.language("RFM 得分不少于 \(value) 分", "an RFM score of at least \(value)")
    }
}
