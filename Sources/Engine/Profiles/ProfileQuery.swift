/// The filters of a list of people as words: what an address carries, a saved view keeps and an export is asked for.
///
/// `q`, `stage`, `class`, `source`, `tag`, `segment`, `identified` (1 or 0), `r` and `f` (scores), `seen` (within so many days),
/// `last_from`, `last_to`, `first_from`, `first_to` (days, both included), `spend_from`, `spend_to` (in the workspace's
/// currency, both included), `consent_sms` and so on (`granted`, `refused`, `unknown`), `ids` (separated by blanks),
/// `sort`.
package struct ProfileQuery: Sendable, Equatable {
    package var filter = ProfileFilter()
    package var order = ProfileOrder.lastSeen
    /// Words whose value could not be used; the filter is as if they were not there.
    package var ignored: [String] = []

    /// Reads the words; empty values and words of other uses are passed over.
    package init(_ words: [(name: String, value: String)], workspace: Workspace, now: Timestamp) {
        var given: [String: String] = [:]
        for (name, value) in words where !value.isEmpty && given[name] == nil { given[name] = value }
        var reader = QueryWords(given: given, calendar: workspace.calendar, currency: workspace.currency)
        filter.search = given["q"]
        filter.ids = given["ids"].map {
            Set($0.split(separator: " ").prefix(ProfileQuery.idsMax).compactMap { Int64($0) })
        }
        filter.stage = reader.word("stage", of: ["introduction", "growth", "maturity", "decline", "churn"])
        filter.rfmClass = reader.word("class", of: RFMClassName.all.map(\.code))
        filter.sourceID = reader.number("source")
        filter.tagID = reader.number("tag")
        filter.segmentID = reader.number("segment")
        filter.isIdentified = reader.word("identified", of: ["0", "1"]).map { $0 == "1" }
        filter.recencyScore = reader.number("r")
        filter.frequencyScore = reader.number("f")
        filter.lastSeen = reader.days("last_from", "last_to")
        filter.firstSeen = reader.days("first_from", "first_to")
        filter.spend = reader.money("spend_from", "spend_to")
        if let days = reader.number("seen") {
            if (1...ProfileQuery.daysMax).contains(days) {
                let since = now.adding(days: -Int(days))
                let range = filter.lastSeen ?? since..<now.adding(days: ProfileQuery.aheadDays)
                filter.lastSeen = max(since, range.lowerBound)..<max(since, range.lowerBound, range.upperBound)
            } else {
                reader.ignored.append("seen")
            }
        }
        for channel in Consent.channels {
            let word = reader.word("consent_" + channel, of: ConsentState.allCases.map(\.rawValue))
            filter.consent[channel] = word.flatMap(ConsentState.init(rawValue:))
        }
        order = reader.word("sort", of: ProfileOrder.allCases.map(\.rawValue)).flatMap(ProfileOrder.init) ?? .lastSeen
        ignored = reader.ignored
    }

    private static let idsMax = 1_000
    private static let daysMax: Int64 = 36_500
    /// Clients' clocks may be ahead.
    private static let aheadDays = 2
}

/// Whether a person agreed to be reached on a channel, as a filter asks.
package enum ConsentState: String, Sendable, Codable, CaseIterable {
    case granted, refused
    /// Never said anything about it.
    case unknown
}
