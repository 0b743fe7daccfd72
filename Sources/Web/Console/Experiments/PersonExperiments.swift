import Engine
import Storage

/// What a person takes part in, on their page, and whether they are held out of everything.
struct PersonExperimentsModel: PageModel {
    struct Row: Encodable, Sendable {
        var href: String
        var name: String
        var variant: String
        var since: String
    }

    var isHeldOut: Bool
    var rows: [Row]
    var isEmpty: Bool
}

enum PersonExperiments {
    static func panel(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("person")
        let (isHeldOut, met) = try await request.platform.store.read {
            (try Experiments.isHeldOut(id, $0), try Exposures.of(id, $0))
        }
        let rows = met.map { experiment, variant, at in
            PersonExperimentsModel.Row(
                href: "/experiments/\(experiment.id)", name: experiment.definition.name,
                variant: experiment.definition.variants.first { $0.key == variant }?.name ?? variant,
                since: request.wording.shortDate(at, now: request.now))
        }
        return .panel(
            template: "experiments/person",
            model: PersonExperimentsModel(isHeldOut: isHeldOut, rows: rows, isEmpty: rows.isEmpty && !isHeldOut))
    }
}
