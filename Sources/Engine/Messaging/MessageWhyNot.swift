import Storage

/// Whether a message with a template would reach a person now, and what is known that decides it.
///
/// The verdict is that of the rules as they are asked when a message leaves; the facts beside it say what they rest on.
package struct MessageWhyNot: Sendable, Equatable {
    package enum Verdict: Sendable, Equatable {
        case wouldLeave
        /// Held back, with the word for why.
        case suppressed(String)
        /// Later: quiet hours.
        case deferred(Timestamp)
    }

    package struct Consent: Sendable, Equatable {
        package var isGranted: Bool?
        /// When and where something was said; nil: nothing was.
        package var at: Timestamp?
        package var source: String?
    }

    package struct Cap: Sendable, Equatable {
        package var channel: String
        package var days: Int
        package var most: Int64
        package var used: Int64
    }

    package var channel: String
    package var verdict: Verdict
    /// Nil: nowhere to write to.
    package var address: String?
    package var consent: Consent
    package var topic: String
    package var hasLeftTopic: Bool
    package var caps: [Cap]
    package var isTransactional: Bool

    /// `catalog`: the channels that there are. Throws: `TemplateError`, `ProfileError.notFound`, `StorageError`.
    package static func explain(
        _ profileID: Int64, template id: Int64, _ catalog: ChannelCatalog, _ platform: Platform
    ) async throws -> MessageWhyNot {
        let now = platform.effects.now()
        return try await platform.store.read { connection in
            let template = try MessageTemplates.get(id, connection)
            let workspace = try Workspace.load(connection)
            guard let person = try RecipientFacts.load(profileID, workspace, connection),
                let channel = catalog.channel(template.channel)
            else { throw ProfileError.notFound(profileID) }
            let policy = try MessagePolicy.load(connection)
            let caps = try CapCheck([person], policy: policy, channel: channel.name, now: now, connection)
            let said = try MessageConsents.of(person.profileIDs, connection)
            let address = try channel.address(of: person, connection)
            var answer = MessageWhyNot(
                channel: template.channel, verdict: .suppressed("no_address"), address: address,
                consent: consent(channel.name, person.state, said), topic: template.topic,
                hasLeftTopic: MessageConsents.hasLeft(template.topic, channel.name, said),
                caps: caps.used(person).map { cap, used in
                    Cap(channel: cap.channel, days: cap.days, most: cap.most, used: used)
                }, isTransactional: template.isTransactional)
            guard let address else { return answer }
            let message = SentMessage(trying: template, person.profileID, at: now)
            let candidate = PolicyCheck.Candidate(message, person, address: address)
            var check = try PolicyCheck([candidate], policy: policy, channel: channel, now: now, connection)
            switch check.verdict(candidate) {
            case .eligible: answer.verdict = .wouldLeave
            case .suppressed(let reason): answer.verdict = .suppressed(reason)
            case .deferred(let until): answer.verdict = .deferred(until)
            }
            return answer
        }
    }

    private static func consent(
        _ channel: String, _ state: ProfileState, _ said: [MessageConsents.Entry]
    ) -> Consent {
        let own = said.first { $0.channel == channel && $0.topic.isEmpty }
        let given = state.consent[channel]
        let isOwnNewer = (own?.at.milliseconds ?? .min) >= (given?.ms ?? .min)
        return Consent(
            isGranted: MessageConsents.channel(channel, state, said),
            at: isOwnNewer ? own?.at : given.map { Timestamp(milliseconds: $0.ms) },
            source: isOwnNewer ? own?.source : given?.source)
    }
}
