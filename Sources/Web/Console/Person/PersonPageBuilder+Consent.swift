import Engine

extension PersonPageBuilder {
    /// What the person said about each channel with its proof, and which of its topics they left.
    func consent() -> [PersonModel.Channel] {
        let own = ChannelCatalog.names.filter { !Consent.channels.contains($0) }
        return (Consent.channels + own).flatMap { channel in
            [word(about: channel)].compactMap { $0 } + topicsLeft(of: channel)
        }
    }

    private func word(about channel: String) -> PersonModel.Channel? {
        let wording = request.wording
        let given = facts.detail.state.consent[channel]
        let own = facts.said.first { $0.channel == channel && $0.topic.isEmpty }
        let name = channelName(channel)
        let title = channel == facts.preferred ? wording.text("person.preferred", ["channel": name]) : name
        let isGranted = MessageConsents.confirmed(channel, facts.detail.state, facts.said, facts.policy)
        guard let isGranted else { return unconfirmed(channel, title, given) }
        return PersonModel.Channel(
            name: title, state: wording.text(isGranted ? "person.granted" : "person.refused"),
            tone: isGranted ? "good" : "bad", since: day(max(given?.ms ?? 0, own?.at.milliseconds ?? 0)),
            proof: own.flatMap { $0.isGranted == isGranted ? proof($0.source, $0.proof) : nil })
    }

    /// A yes that counts for nothing before a letter was answered; nil: nobody said yes.
    private func unconfirmed(_ channel: String, _ title: String, _ given: Consent?) -> PersonModel.Channel? {
        let asked = facts.optIns.filter { $0.channel == channel }
        let pending = asked.first { $0.state == .pending && $0.expiresAt > request.now }
        guard pending != nil || given != nil else { return nil }
        let hasLapsed = asked.contains { $0.state == .pending || $0.state == .expired }
        let hasAddress = facts.detail.identities.contains { $0.key.kind == IdentityKind.email }
        let key =
            if pending != nil {
                "person.unconfirmed"
            } else if hasLapsed {
                "person.confirmation_lapsed"
            } else {
                hasAddress ? "person.unconfirmed" : "person.confirmation_nowhere"
            }
        return PersonModel.Channel(
            name: title, state: request.wording.text(key), tone: "warn",
            since: day(pending?.askedAt.milliseconds ?? given?.ms ?? 0),
            proof: pending.flatMap { proof($0.source, $0.proof) })
    }

    private func topicsLeft(of channel: String) -> [PersonModel.Channel] {
        let left = facts.said.filter { $0.channel == channel && !$0.topic.isEmpty && !$0.isGranted }
        return left.map { entry in
            let topic = facts.policy.topics.first { $0.code == entry.topic }
            return PersonModel.Channel(
                name: "\(channelName(channel)) · \(topic?.name(request.wording.language) ?? entry.topic)",
                state: request.wording.text("person.topic_left"), tone: "bad", since: day(entry.at.milliseconds),
                proof: proof(entry.source, entry.proof))
        }
    }

    /// Where it was said, and with which words.
    private func proof(_ source: String, _ proof: String) -> String? {
        let parts = [request.wording.known("person.said_by_\(source)") ?? source, proof]
        let told = parts.filter { !$0.isEmpty }.joined(separator: " · ")
        return told.isEmpty ? nil : told
    }

    private func channelName(_ channel: String) -> String {
        request.wording.known("person.channel_\(channel)") ?? request.text("message.channel_\(channel)")
    }
}
