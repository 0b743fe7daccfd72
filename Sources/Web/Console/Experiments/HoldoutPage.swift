import Engine
import Storage

/// The global holdout: its share, and what everything together is worth.
struct HoldoutModel: PageModel {
    var share: String
    var since: String?
    var isSet: Bool
    var mayManage: Bool
    var problem: String?
}

/// What it shows so far.
struct HoldoutEffectModel: PageModel {
    var figures: [FigureModel]
    var sentence: String
}

enum HoldoutPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        try await answer(request)
    }

    static func save(_ request: PageRequest) async throws -> Reply {
        let (actor, effects, form) = (request.actor, request.platform.effects, request.form)
        do {
            // Hundredths of a percent, exactly.
            guard let typed = Double(form.text("share").trimmed), (0...100).contains(typed) else {
                throw ExperimentError.invalid(field: "share", reason: "must be a share")
            }
            let share = Int64((typed * 100).rounded(.toNearestOrEven))
            _ = try await request.platform.store.write {
                try Holdout.save(
                    share: share, redraws: form.text("redraw") == "1", by: actor, effects, $0)
            }
            return .redirect(to: "/experiments/holdout", notice: "experiment.holdout_saved")
        } catch is ExperimentError {
            return try await answer(request, problem: request.text("experiment.invalid_share"))
        }
    }

    private static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let holdout = try await request.platform.store.read { try Holdout.load($0) }
        let (whole, rest) = (holdout.share / 100, holdout.share % 100)
        let share = rest == 0 ? String(whole) : "\(whole)." + (rest < 10 ? "0\(rest)" : "\(rest)")
        let model = HoldoutModel(
            share: problem == nil ? share : request.form.text("share"),
            since: holdout.since.map {
                request.text("experiment.holdout_since", ["date": request.wording.dateTime($0)])
            },
            isSet: holdout.share > 0, mayManage: request.user.role.may(.manageExperiments), problem: problem)
        return .page(
            Page(
                "experiments/holdout", title: request.text("experiment.holdout"),
                crumbs: [Crumb(request.text("experiment.title"), "/experiments")], model: model,
                status: problem == nil ? .ok : .unprocessableContent))
    }

    static func effect(_ request: PageRequest) async throws -> Reply {
        let effect = try await HoldoutEffect.load(request.platform)
        let world = try await request.platform.store.read { try CriteriaWorld.load($0) }
        let (words, wording) = (ExperimentWords(request.wording, world), request.wording)
        let metric = ExperimentMetric(.revenue, windowDays: HoldoutEffect.windowDays)
        var figures = [
            FigureModel(request.text("experiment.held_out"), wording.number(effect.heldOut)),
            FigureModel(request.text("experiment.reached"), wording.number(effect.reached)),
        ]
        figures += effect.rows.map { row in
            FigureModel(
                request.text("experiment.revenue_\(row.variant)"), words.value(row.value, metric),
                note: words.range(row.interval, metric))
        }
        let told = effect.rows.last?.against
        let sentence =
            told.map {
                request.text(
                    $0.sequence.contains(0) ? "experiment.holdout_untold" : "experiment.holdout_told",
                    [
                        "difference": words.difference($0.difference, metric),
                        "range": words.range($0.sequence, metric),
                    ])
            } ?? request.text("experiment.holdout_nothing")
        return .panel(
            template: "experiments/effect", model: HoldoutEffectModel(figures: figures, sentence: sentence))
    }
}
