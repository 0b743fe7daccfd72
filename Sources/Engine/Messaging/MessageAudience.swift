import Storage

/// One template to each of many people, as a broadcast wants it.
struct MessageAudience {
    private let template: MessageTemplate
    private let channel: any MessageChannel
    private let policy: MessagePolicy
    private let workspace: Workspace

    /// Throws: `TemplateError`, `MessageError.unknownChannel`, `StorageError`.
    init(_ template: Int64, _ channels: ChannelCatalog, _ connection: any SQLConnection) throws {
        self.template = try MessageTemplates.get(template, connection)
        guard let channel = channels.channel(self.template.channel) else {
            throw MessageError.unknownChannel(self.template.channel)
        }
        self.channel = channel
        policy = try MessagePolicy.load(connection)
        workspace = try Workspace.load(connection)
    }

    /// Writes a message down for each person, in the caller's transaction, and asks the policy of all of them at once:
    /// whom it leaves out whatever the hour is, is left out now, with the reason. What can change by the hour (caps, quiet
    /// hours) is asked as a message leaves, and everything else once more. Throws: `StorageError`.
    func plan(_ plans: [MessagePlan], _ effects: Effects, _ connection: any SQLConnection) throws {
        let now = effects.now()
        let refusals = try refusals(plans, at: now, connection)
        try Messages.plan(plans, of: template, refusals, at: now, effects, connection)
    }

    /// Whom nothing may be sent to, and why.
    private func refusals(
        _ plans: [MessagePlan], at now: Timestamp, _ connection: any SQLConnection
    ) throws -> [Int64: String] {
        let facts = try RecipientFacts.reach(plans.map(\.profileID), workspace, connection)
        var refusals: [Int64: String] = [:]
        var candidates: [(asked: Int64, one: PolicyCheck.Candidate)] = []
        candidates.reserveCapacity(plans.count)
        for plan in plans {
            let id = plan.profileID
            guard let person = facts[id], person.isLiving else {
                refusals[id] = "erased"
                continue
            }
            guard let address = try channel.address(of: person, connection) else {
                refusals[id] = "no_address"
                continue
            }
            candidates.append(
                (
                    id,
                    PolicyCheck.Candidate(
                        person: person, address: address, topic: template.topic, asked: plan.due,
                        isTransactional: template.isTransactional)
                ))
        }
        let check = try PolicyCheck(
            candidates.map(\.one), policy: policy, channel: channel, now: now, countsSent: false, connection)
        for (id, one) in candidates {
            if let reason = check.refusal(one) { refusals[id] = reason }
        }
        return refusals
    }
}
