import Storage

/// What a cart, an order or an event would earn, and why: asked by a till before it sells, by the editor of the rules
/// for a chosen person. Nothing is written.
package struct ProgramDryRun: Sendable {
    /// What is asked.
    package struct Question: Sendable {
        package enum Subject: Sendable {
            /// The properties of an `Order Completed`, as JSON; the order id may be missing.
            case order(String)
            case event(name: String, properties: String)
        }

        package var subject: Subject
        /// Nil: somebody who is not known, as a new member.
        package var profileID: Int64?
        /// Asked instead of the one in force.
        package var program: LoyaltyProgram?
        /// Ask as a member of this tier; nil: as they are.
        package var tier: String?
        package var at: Timestamp

        package init(
            _ subject: Subject, profileID: Int64?, program: LoyaltyProgram? = nil, tier: String? = nil, at: Timestamp
        ) {
            self.subject = subject
            self.profileID = profileID
            self.program = program
            self.tier = tier
            self.at = at
        }
    }

    /// Nil while no version is in force and none was named.
    package var version: Int64?
    package var rules: EarningRuleSet
    /// The member's account; nil: the person is none yet.
    package var account: Int64?
    package var outcome: EarningOutcome
    /// What an order came to without tax and shipping, in minor units of the workspace's currency.
    package var sum: Int64?

    /// What the member would get, by currency.
    package var points: [String: Int64] { outcome.points(of: account ?? 0) }

    /// Throws: `ProfileError.notFound`, `StorageError`.
    package static func run(
        _ question: Question, _ connection: any SQLConnection, _ memory: TillMemory = TillMemory()
    ) throws -> ProgramDryRun {
        let workspace = try Workspace.load(connection)
        let published = try memory.program.load(connection)
        let draft = try question.program?.rules.expanded(CriteriaWorld.load(connection))
        let rules = draft ?? published?.rules ?? EarningRuleSet()
        let person = try question.profileID.map { try ProfileDetail.person($0, connection) }
        let profile = person?.profile ?? Profile(id: 0, at: question.at, createdAt: question.at, sourceID: 0)
        let state = person?.state ?? ProfileState()
        var member = try ProgramMembers.of([profile.id], connection)[profile.id]
        if let tier = question.tier { member?.tier = tier }
        if let tier = member?.tier {
            let ladder = try TierLadders.current(connection)?.ladder
            let benefits =
                try question.program.map { try ProgramMembers.benefits($0, connection) }
                ?? ProgramMembers.benefits(ladder, connection)
            member?.benefit = benefits.of(tier)
        }
        let people = try EarningPeople(rules.criteria, workspace, segments: memory.segments, connection) { _ in
            (profile, state)
        }
        let subject =
            try people.subjects([profile.id], connection)[profile.id]
            ?? CriteriaSubject(profile, state, workspace.calendar)
        var facts = EarningFacts(
            key: "dry", time: question.at, member: member ?? EarningMember(account: 0, since: question.at),
            subject: subject, clock: people.clock)
        switch question.subject {
        case .order(let properties):
            facts.order = Self.order(properties, profile, workspace, at: question.at)
        case .event(let name, let properties):
            facts.event = CriteriaEvent(
                position: 0, name: name, time: question.at, properties: FlatValues(parsing: properties, nil))
        }
        let named = rules.referrerFields.sorted().lazy.compactMap {
            facts.event?.properties.first($0) ?? subject.traits.first($0)
        }.first?.text
        if let named { facts.referrer = try ProgramMembers.named([named], connection)[named] }
        var uses = try EarningRecords.peek(rules.uses(for: facts), connection)
        let outcome = EarningEvaluation.run(facts, rules, &uses)
        return ProgramDryRun(
            version: question.program == nil ? published?.number : nil, rules: rules, account: member?.account,
            outcome: outcome, sum: facts.order?.sum)
    }

    private static func order(
        _ properties: String, _ profile: Profile, _ workspace: Workspace, at now: Timestamp
    ) -> EarningOrder {
        var input = OrderReader.read(properties, action: .completed)
        if input.orderID.isEmpty { input.orderID = "cart" }
        var state = OrderState()
        _ = state.apply(input, at: now, messageID: "dry", priority: 0, sourceID: 0)
        return EarningOrder(id: input.orderID, state, currency: workspace.currency, isFirst: profile.orderCount == 0)
    }
}
