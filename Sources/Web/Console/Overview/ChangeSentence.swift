import Engine

/// Puts a recent change into a sentence that opens the people behind it.
enum ChangeSentence {
    /// Nil for a change that is not worth a sentence.
    static func make(
        _ fact: RecentChanges.Fact, _ changes: RecentChanges, _ request: PageRequest
    ) -> ChangesModel.Sentence? {
        let wording = request.wording
        let span = Span(changes, now: request.now)
        switch fact {
        case .newPeople(let today, let yesterday):
            return sentence(
                wording.text("overview.change_new", ["yesterday": wording.number(yesterday)], count: today),
                MarkAddress.href(.firstSeen(span.of(today)), count: today > 0 ? today : yesterday), "people")
        case .orders(let today, let yesterday):
            return sentence(
                wording.text("overview.change_orders", ["yesterday": wording.number(yesterday)], count: today),
                MarkAddress.href(.ordered(span.of(today)), count: today > 0 ? today : yesterday, of: .orders), "orders")
        case .revenue(let today, let yesterday):
            return sentence(
                wording.text(
                    "overview.change_revenue",
                    ["today": wording.moneyShort(today), "yesterday": wording.moneyShort(yesterday)]),
                MarkAddress.href(.ordered(span.of(today))), "overview")
        case .stageMoved(let from, let to, let people, let spend):
            return sentence(
                wording.text(
                    "overview.change_stage",
                    [
                        "from": StageWords.name(from.rawValue, wording), "to": StageWords.name(to.rawValue, wording),
                        "spend": wording.moneyShort(spend),
                    ], count: people),
                MarkAddress.href(.moved(from: from, to: to, since: changes.since, until: request.now), count: people),
                "lifecycle")
        case .peopleMerged(let count):
            return sentence(
                wording.text("overview.change_merged", count: count),
                MarkAddress.href(.merged(since: changes.since), count: count, of: .profiles), "merge")
        case .identityConflicts(let count):
            return sentence(
                wording.text("overview.change_conflicts", count: count),
                MarkAddress.href(.conflicts(since: changes.since), count: count, of: .identities), "identity")
        case .quarantined(let count):
            return sentence(
                wording.text("overview.change_quarantined", count: count),
                request.user.role.may(.readEvents) ? "/quarantine" : nil, "quarantine")
        case .lifecycleModelPublished(let version):
            return sentence(
                wording.text("overview.change_lifecycle", ["version": String(version)]),
                request.user.role.may(.readInsights) ? "/lifecycle/models/\(version)" : nil, "lifecycle")
        case .rfmModelPublished(let version):
            return sentence(
                wording.text("overview.change_rfm", ["version": String(version)]),
                request.user.role.may(.readInsights) ? "/rfm" : nil, "rfm")
        }
    }

    /// Today so far; the whole of yesterday while today has nothing.
    private struct Span {
        let changes: RecentChanges
        let now: Timestamp

        init(_ changes: RecentChanges, now: Timestamp) {
            self.changes = changes
            self.now = now
        }

        func of(_ today: Int64) -> Range<Timestamp> {
            today > 0 ? changes.morning..<now.adding(milliseconds: 1) : changes.since..<changes.morning
        }
    }

    private static func sentence(_ text: String, _ href: String?, _ icon: String) -> ChangesModel.Sentence {
        ChangesModel.Sentence(text: text, href: href, icon: icon)
    }
}
