import Engine

/// What messages cost, by channel.
struct ReachCostsModel: PageModel {
    struct Row: Encodable, Sendable {
        var channel: String
        var title: String
        var value: String
    }

    var rows: [Row]
    var currency: String
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

    /// Of one message as it is typed, and as a provider's page has it, to a thousand in a currency's hundredths: `0.045` is
    /// 4,500, exactly. Nil: no amount, or more than five places.
    private static func minor(_ text: String) -> Int64? {
        guard let micro = MicroAmount.parse(text), micro % microOfOne == 0 else { return nil }
        return micro / microOfOne
    }

    private static func units(_ minor: Int64) -> String { MicroAmount.text(minor * microOfOne) }

    /// Millionths of the price of one message in a hundredth of the price of a thousand.
    private static let microOfOne: Int64 = 10

    private static func answer(
        _ request: PageRequest, problem: String? = nil, _ value: (String) -> String
    ) -> Reply {
        let model = ReachCostsModel(
            rows: ChannelCatalog.names.map {
                ReachCostsModel.Row(
                    channel: $0, title: request.wording.known("message.channel_\($0)") ?? $0, value: value($0))
            }, currency: request.workspace.currency, problem: problem)
        return .page(
            Page(
                "sending/costs", title: request.text("reach.costs"),
                crumbs: [Crumb(request.text("sending.title"), "/sending")], model: model,
                status: problem == nil ? .ok : .unprocessableContent))
    }
}
