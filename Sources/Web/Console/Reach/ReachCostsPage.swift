import Engine

/// What messages cost, by channel.
struct ReachCostsModel: PageModel {
    struct Row: Encodable, Sendable {
        var channel: String
        var title: String
        var value: String
    }

    var rows: [Row]
    var problem: String?
}

enum ReachCostsPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let costs = try await request.platform.store.read { try ReachCosts.load($0) }
        return answer(request) { channel in costs.perThousand[channel].map(units) ?? "" }
    }

    static func save(_ request: PageRequest) async throws -> Reply {
        let (form, actor, now) = (request.form, request.actor, request.now)
        var costs = ReachCosts()
        for channel in ChannelCatalog.names {
            let text = form.text("cost_\(channel)").trimmed
            guard !text.isEmpty else { continue }
            guard let cost = minor(text) else { return refused(request) }
            costs.perThousand[channel] = cost
        }
        do {
            let saved = costs
            try await request.platform.store.write { try saved.save(by: actor, at: now, $0) }
            return .redirect(to: "/sending/costs", notice: "frame.saved")
        } catch is ReachError {
            return refused(request)
        }
    }

    private static func refused(_ request: PageRequest) -> Reply {
        answer(request, problem: request.text("reach.bad_cost")) { request.form.text("cost_\($0)") }
    }

    /// `45.50` as 4550 of a currency's hundredths, exactly.
    private static func minor(_ text: String) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = Int64(parts[0]), whole >= 0, whole < 10_000_000 else {
            return nil
        }
        guard parts.count == 2 else { return whole * 100 }
        guard (1...2).contains(parts[1].count), let rest = Int64(parts[1]), rest >= 0 else { return nil }
        return whole * 100 + (parts[1].count == 1 ? rest * 10 : rest)
    }

    private static func units(_ minor: Int64) -> String {
        let rest = minor % 100
        return rest == 0 ? String(minor / 100) : "\(minor / 100)." + (rest < 10 ? "0\(rest)" : "\(rest)")
    }

    private static func answer(
        _ request: PageRequest, problem: String? = nil, _ value: (String) -> String
    ) -> Reply {
        let model = ReachCostsModel(
            rows: ChannelCatalog.names.map {
                ReachCostsModel.Row(
                    channel: $0, title: request.wording.known("message.channel_\($0)") ?? $0, value: value($0))
            }, problem: problem)
        return .page(
            Page(
                "sending/costs", title: request.text("reach.costs"),
                crumbs: [Crumb(request.text("sending.title"), "/sending")], model: model,
                status: problem == nil ? .ok : .unprocessableContent))
    }
}
