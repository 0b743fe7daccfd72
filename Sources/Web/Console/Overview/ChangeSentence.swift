import Engine

/// Puts a recent change into a sentence that opens the people behind it.
enum ChangeSentence {
    /// Nil for a change that is not worth a sentence.
    static func make(_ fact: RecentChanges.Fact, _ request: PageRequest) -> ChangesModel.Sentence? {
        let wording = request.wording
        switch fact {
        case .newPeople(let today, let yesterday):
            return sentence(
                wording.text("overview.change_new", ["yesterday": wording.number(yesterday)], count: today),
                "/people?sort=first_seen", "people")
        case .orders(let today, let yesterday):
            return sentence(
                wording.text("overview.change_orders", ["yesterday": wording.number(yesterday)], count: today),
                nil, "orders")
        case .revenue(let today, let yesterday):
            return sentence(
                wording.text(
                    "overview.change_revenue",
                    ["today": wording.moneyShort(today), "yesterday": wording.moneyShort(yesterday)]),
                nil, "overview")
        case .stageMoved(let from, let to, let people):
            let key = from == nil ? "overview.change_stage_first" : "overview.change_stage"
            return sentence(
                wording.text(
                    key,
                    [
                        "from": StageWords.name(from?.rawValue, wording), "to": StageWords.name(to.rawValue, wording),
                    ], count: people),
                "/people?stage=\(to.rawValue)", "lifecycle")
        case .peopleMerged(let count):
            return sentence(wording.text("overview.change_merged", count: count), nil, "merge")
        case .identityConflicts(let count):
            return sentence(wording.text("overview.change_conflicts", count: count), nil, "identity")
        case .quarantined(let count):
            return sentence(wording.text("overview.change_quarantined", count: count), nil, "quarantine")
        case .lifecycleModelPublished(let version):
            return sentence(
                wording.text("overview.change_lifecycle", ["version": String(version)]), "/lifecycle", "lifecycle")
        case .rfmModelPublished(let version):
            return sentence(wording.text("overview.change_rfm", ["version": String(version)]), "/rfm", "rfm")
        }
    }

    private static func sentence(_ text: String, _ href: String?, _ icon: String) -> ChangesModel.Sentence {
        ChangesModel.Sentence(text: text, href: href, icon: icon)
    }
}
