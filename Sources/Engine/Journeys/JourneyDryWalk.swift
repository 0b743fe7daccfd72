/// What a draft would have done for one person: an entry of the past, walked through it on the clock of that time. Pure.
///
/// What the person did since opens the ways that wait for it and ends the way early, as it would have done. Of what nobody
/// can know of the past nothing happens: what became of messages, and answers to webhooks and tasks, so that those who wait
/// for them go on once the time is over. Conditions of ways are asked of people as they are now. Those of goal and exit are
/// not asked, since nothing says when they came true: rather too much is counted than too little.
struct JourneyDryWalk: Sendable {
    /// What a node would have done, and when.
    struct Deed: Sendable, Equatable {
        var effect: JourneyEffect
        var at: Timestamp
    }

    let map: JourneyMap
    /// Events that the draft waits for or ends with.
    let names: Set<String>
    private let salt: String
    private let clock: CriteriaClock
    private let drawsPerRun: Bool

    /// Times that somebody is looked at.
    private static let turns = JourneyLimits.trialNodes + JourneyLimits.inputs

    init(_ definition: JourneyDefinition, salt: String, clock: CriteriaClock) {
        var definition = definition
        definition.goal?.criteria = nil
        definition.exit?.criteria = nil
        map = JourneyMap(definition)
        var names: Set<String> = []
        for aim in [definition.goal, definition.exit] { names.formUnion(aim?.event?.names ?? []) }
        definition.visit { step, _ in
            for path in step.paths { names.formUnion(path.event?.names ?? []) }
        }
        self.names = names
        self.salt = salt
        self.clock = clock
        if case .perKey = definition.reentry { drawsPerRun = true } else { drawsPerRun = false }
    }

    /// What is sent and given until a moment, in order of time.
    func deeds(of entry: JourneyDryRun.Entry, _ person: JourneyDryPerson, until end: Timestamp) -> [Deed] {
        guard let first = map.first else { return [] }
        let key = entry.key.map { "key:\(entry.profile):\($0)" } ?? ""
        var run = JourneyRun(
            id: 0, journeyID: 0, versionID: 0, profileID: entry.profile, entryKey: key, node: first,
            arrivedAt: entry.at, due: entry.at, seen: 0, enteredAt: entry.at, values: "{}")
        var facts = JourneyFacts(now: entry.at, clock: clock, salt: salt)
        (facts.subject, facts.experiments, facts.drawsPerRun) = (person.subject, person.experiments, drawsPerRun)
        let own = run
        var asked = person.events.filter {
            $0.time > entry.at && $0.time <= end && map.asks(for: $0, run: own, clock.calendar)
        }
        // Numbered by time: what was imported later stands behind in the log.
        for place in asked.indices { asked[place].position = Int64(place) + 1 }
        var ahead = asked.prefix(JourneyLimits.inputs)
        let machine = JourneyMachine(map: map)
        var deeds: [Deed] = []
        for _ in 0..<Self.turns {
            guard run.status == .active, let moment = [run.due, ahead.first?.time].compactMap({ $0 }).min(),
                moment <= end
            else { break }
            facts.now = max(moment, facts.now)
            while let event = ahead.first, event.time <= facts.now {
                facts.inputs.append(event)
                ahead = ahead.dropFirst()
            }
            let stride = machine.step(run, facts)
            deeds += stride.effects.filter(Self.counts).map { Deed(effect: $0, at: facts.now) }
            run = stride.run
        }
        return deeds
    }

    private static func counts(_ effect: JourneyEffect) -> Bool {
        switch effect.deed {
        case .message, .points, .coupon: true
        default: false
        }
    }
}

/// What a dry run has to know of a person.
struct JourneyDryPerson: Sendable {
    var recipient: RecipientFacts
    /// Nil where nothing asks.
    var subject: CriteriaSubject?
    var experiments: [Int64: JourneyVariant] = [:]
    /// Of those that the draft asks for, oldest first.
    var events: [CriteriaEvent] = []
    /// By channel: where they are reached.
    var addresses: [String: String] = [:]
    /// The channel that they would rather be written to on.
    var preferred: String?
    /// What caps count of their history, oldest first.
    var left: [CapCheck.Left] = []
    var bestHour: BestHour?
    var isMember = false
    /// By coupon: how many they were given.
    var coupons: [Int64: Int64] = [:]

    init(_ recipient: RecipientFacts) { self.recipient = recipient }
}
