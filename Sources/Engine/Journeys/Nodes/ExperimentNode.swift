/// Lets people meet a variant of an experiment, each with a way of its own: divided as the experiment divides them, which
/// may learn from what came of it; whoever met a variant keeps it.
struct ExperimentNode: JourneyNode {
    static let kind = "experiment"
    static let fork = JourneyFork.variants
    static let form = CriteriaForm(
        "ways", "实验", "Experiment", [.init("experiment", "experiment", "实验", "experiment")])

    var experiment: Int64

    init(_ reader: CriteriaReader) { experiment = JourneyReading.id(reader, "experiment") }

    var json: [String: JSONValue] { ["experiment": JSONValue(id: experiment)] }
    var references: Set<JourneyReference> { [.experiment(experiment)] }

    func check(_ world: JourneyWorld, _ step: JourneyStep, _ note: (String, CriteriaIssue.Reason) -> Void) {
        guard let found = world.experiments[experiment] else {
            note(
                "experiment",
                .told(chinese: "请选择进行中或已有结论的实验", english: "Choose an experiment that runs or was decided"))
            return
        }
        var seen: Set<String> = []
        for (place, path) in step.paths.enumerated() {
            guard let variant = path.variant else { continue }
            if found.variants[variant] == nil {
                note("paths[\(place)].variant", .unknownChoice(variant, allowed: found.variants.keys.sorted()))
            }
            if !seen.insert(variant).inserted { note("paths[\(place)].variant", .twice(variant)) }
        }
    }

    func words(_ phrases: JourneyPhrases) -> String {
        guard let name = phrases.world.experiments[experiment]?.name else {
            return phrases.language("实验（未选择）", "Experiment (none is chosen)")
        }
        return phrases.language("实验“\(name)”", "Experiment “\(name)”")
    }

    func arrive(_ visit: JourneyVisit) -> JourneyMove {
        switch visit.facts.experiments[experiment] {
        case .variant(let key, let records):
            let place = visit.step.paths.firstIndex { $0.variant == key }
            let deed = JourneyEffect(.exposure(experiment, variant: key), visit)
            return .path(place, records ? [deed] : [], note: place == nil ? key : "")
        case .nobody(let reason): return .path(nil, note: reason)
        case nil: return .path(nil, note: "no_experiment")
        }
    }
}

/// What an experiment has for one person.
package enum JourneyVariant: Sendable, Equatable {
    /// `records`: the person meets it now for the first time.
    case variant(String, records: Bool)
    /// Takes no part, and why: `held_out`, `not_running`.
    case nobody(String)
}
