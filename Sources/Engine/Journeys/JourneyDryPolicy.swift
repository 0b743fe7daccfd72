/// What would have become of messages that a dry run invents: the rules that messages leave by, asked in the order of
/// time, so that what left before, in truth or in the dry run, counts for what comes after. Pure.
struct JourneyDryPolicy: Sendable {
    struct Template: Sendable, Equatable {
        var channel: String
        var topic = ""
        var isTransactional = false
        var isPublished = true
        var fallbacks: [Int64] = []
    }

    struct Verdict: Sendable, Equatable {
        enum Fate: Sendable, Equatable {
            case left
            /// Why.
            case heldBack(String)
            /// Quiet hours hold it until after the end.
            case waiting
        }

        var plannedAt: Timestamp
        /// On which it left; else the last that was tried.
        var channel: String
        var fate = Fate.waiting
        /// Quiet hours put it off.
        var isDeferred = false
        /// It took another channel than its own.
        var isRerouted = false
        /// Those that had no room for it.
        var caps: [MessagePolicy.Cap] = []
    }

    var policy: MessagePolicy
    var templates: [Int64: Template]
    var channels: ChannelCatalog
    /// By channel.
    var known: [String: PolicyCheck.Known] = [:]

    /// The word for a template that is not there or was never published; such a message takes the way round, too.
    static let notPublished = "not_published"
    static let capReasons: Set<String> = ["frequency_cap", "channel_cap"]
    /// Longer than any cap reaches back.
    static let capDays = 33

    private struct Asking {
        var place: Int
        var at: Timestamp
        var topic: String
        var isTransactional: Bool
        /// What is still to be tried, the next one first.
        var route: [Template]
        var verdict: Verdict
    }

    /// Of one person's messages, in their order; what is no message has none.
    func verdicts(
        _ deeds: [JourneyDryWalk.Deed], _ person: JourneyDryPerson, until end: Timestamp
    ) -> [Verdict] {
        var queue = deeds.enumerated().compactMap { asking($0, $1, person) }
        queue.sort { ($0.at, $0.place) > ($1.at, $1.place) }
        var past = person.left[...]
        var left: [CapCheck.Left] = []
        var settled: [(place: Int, verdict: Verdict)] = []
        while var one = queue.popLast() {
            guard one.at <= end else {
                settled.append((one.place, one.verdict))
                continue
            }
            while let row = past.first, row.at <= one.at {
                left.append(row)
                past = past.dropFirst()
            }
            left.removeAll { $0.at < one.at.adding(days: -Self.capDays) }
            if let until = ask(&one, person, &left) {
                one.at = until
                let place = queue.firstIndex { ($0.at, $0.place) < (one.at, one.place) } ?? queue.endIndex
                queue.insert(one, at: place)
            } else {
                settled.append((one.place, one.verdict))
            }
        }
        return settled.sorted { $0.place < $1.place }.map(\.verdict)
    }

    /// Asks on one channel after the other. Returns when to ask again; nil: its fate is settled.
    private func ask(
        _ one: inout Asking, _ person: JourneyDryPerson, _ left: inout [CapCheck.Left]
    ) -> Timestamp? {
        while true {
            let (verdict, cap) = judged(one, person, left)
            if let cap { one.verdict.caps.append(cap) }
            switch verdict {
            case .eligible:
                one.verdict.fate = .left
                if !one.isTransactional {
                    left.append(CapCheck.Left(channel: one.verdict.channel, at: one.at))
                }
                return nil
            case .deferred(let until):
                one.verdict.isDeferred = true
                return max(until, one.at.adding(milliseconds: 1))
            case .suppressed(let reason):
                let goesOn = MessageRoutes.reasons.contains(reason) || reason == Self.notPublished
                guard goesOn, one.route.count > 1 else {
                    one.verdict.fate = .heldBack(reason)
                    return nil
                }
                one.route.removeFirst()
                one.verdict.channel = one.route.first?.channel ?? one.verdict.channel
                one.verdict.isRerouted = true
            }
        }
    }

    private func judged(
        _ one: Asking, _ person: JourneyDryPerson, _ left: [CapCheck.Left]
    ) -> (PolicyCheck.Verdict, MessagePolicy.Cap?) {
        guard let template = one.route.first, template.isPublished else { return (.suppressed(Self.notPublished), nil) }
        guard let channel = channels.channel(template.channel), let address = person.addresses[channel.name] else {
            return (.suppressed("no_address"), nil)
        }
        let caps = CapCheck(
            policy: policy, channel: channel.name, now: one.at, left: [person.recipient.profileID: left])
        var check = PolicyCheck(
            known[channel.name] ?? PolicyCheck.Known(), policy: policy, channel: channel, now: one.at, caps: caps)
        let verdict = check.verdict(
            PolicyCheck.Candidate(
                person: person.recipient, address: address, topic: one.topic, asked: one.verdict.plannedAt,
                isTransactional: one.isTransactional))
        guard case .suppressed(let reason) = verdict, Self.capReasons.contains(reason) else { return (verdict, nil) }
        return (verdict, caps.full(person.recipient))
    }

    private func asking(_ place: Int, _ deed: JourneyDryWalk.Deed, _ person: JourneyDryPerson) -> Asking? {
        guard case .message(let id, let topic, let isTransactional, let choices) = deed.effect.deed else { return nil }
        let own = templates[id]
        let route = route(own, choices, person)
        var at = deed.at
        if choices.timing == .bestHour {
            let best = person.bestHour ?? BestHour(own: [], brand: [])
            at = MessageTimes.moment(best, of: person.recipient, policy, after: at)
        }
        return Asking(
            place: place, at: at, topic: topic.isEmpty ? own?.topic ?? "" : topic,
            isTransactional: isTransactional || own?.isTransactional ?? false, route: route,
            verdict: Verdict(plannedAt: deed.at, channel: route.first?.channel ?? ""))
    }

    /// The template and its way round, each channel once; the one that the person prefers goes first.
    private func route(_ own: Template?, _ choices: MessageChoices, _ person: JourneyDryPerson) -> [Template] {
        guard let own else { return [] }
        var taken: Set<String> = [own.channel]
        var rest = (choices.fallbacks ?? own.fallbacks).compactMap { templates[$0] }
            .filter { taken.insert($0.channel).inserted && $0.isPublished }
        guard let wanted = person.preferred, wanted != own.channel,
            let place = rest.firstIndex(where: { $0.channel == wanted })
        else { return [own] + rest }
        return [rest.remove(at: place), own] + rest
    }
}
