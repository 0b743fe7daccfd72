import Testing

@testable import Engine

/// What the policy would have made of messages that a dry run invents: pure.
@Suite("A dry run's messages and the policy")
struct JourneyDryPolicyTests {
    /// Noon in Shanghai, 22 September 2026.
    private let noon = Timestamp(milliseconds: 1_790_049_600_000)
    private let hour: Int64 = 3_600_000

    private func person(granted: Bool? = true) -> JourneyDryPerson {
        var facts = RecipientFacts.sample("en", Workspace(), at: noon)
        (facts.profileID, facts.profileIDs) = (7, [7])
        if let granted { facts.state.consent["email"] = Consent(isGranted: granted, ms: 0, source: "test") }
        var person = JourneyDryPerson(facts)
        person.addresses = ["email": "p@example.com", "inbox": "7"]
        return person
    }

    private func policy(_ caps: [MessagePolicy.Cap] = [], fallbacks: [Int64] = []) -> JourneyDryPolicy {
        var rules = MessagePolicy()
        rules.caps = caps
        return JourneyDryPolicy(
            policy: rules,
            templates: [
                5: .init(channel: "email", topic: "offers", fallbacks: fallbacks), 6: .init(channel: "inbox"),
                8: .init(channel: "email", isPublished: false),
            ], channels: ChannelCatalog([EmailChannel(transport: MailServer().transport), InboxChannel()]))
    }

    /// One message at each of these moments.
    private func messages(_ times: [Timestamp], template: Int64 = 5, more: [String: JSONValue] = [:]) throws
        -> [JourneyDryWalk.Deed]
    {
        let step: [String: JSONValue] = ["id": "m", "kind": "message", "template": JSONValue(id: template)]
        let definition = try JourneyDefinition(
            json: JourneyHarness.definition([.object(step.merging(more) { $1 })]))
        let walk = JourneyDryWalk(
            definition, salt: "s", clock: CriteriaClock(now: noon, calendar: Workspace().calendar))
        return times.flatMap {
            walk.deeds(of: JourneyDryRun.Entry(profile: 7, at: $0), person(), until: $0.adding(days: 1))
        }
    }

    private func at(_ days: Int, _ hours: Int64 = 0) -> Timestamp {
        noon.adding(days: days).adding(milliseconds: hours * hour)
    }

    @Test("caps count what really left and what the run invents, over all and by channel, by day and by week")
    func caps() throws {
        let (daily, weekly) = (
            MessagePolicy.Cap(days: 1, most: 2), MessagePolicy.Cap(channel: "email", days: 7, most: 3)
        )
        var person = person()
        person.left = [.init(channel: "sms", at: at(0, -1)), .init(channel: "email", at: at(2, 5))]
        let deeds = try messages([at(0), at(0, 1), at(1), at(1, 1), at(2), at(8)])
        let verdicts = policy([daily, weekly]).verdicts(deeds, person, until: at(9))
        #expect(
            verdicts.map(\.fate) == [
                .left, .heldBack("frequency_cap"), .left, .left, .heldBack("channel_cap"), .left,
            ])
        #expect(verdicts.map(\.caps) == [[], [daily], [], [], [weekly], []])
        #expect(verdicts.map(\.plannedAt) == deeds.map(\.at))
        // A letter that left later the same day takes no room from one before it, but from one after it.
        person.left = [.init(channel: "email", at: at(0, 2))]
        let once = policy([MessagePolicy.Cap(days: 1, most: 1)])
        #expect(once.verdicts(Array(deeds.prefix(1)), person, until: at(9)).map(\.fate) == [.left])
        #expect(
            once.verdicts(try messages([at(0, 3)]), person, until: at(9)).map(\.fate) == [.heldBack("frequency_cap")])
        #expect(policy().verdicts(deeds, person, until: at(9)).allSatisfy { $0.fate == .left })
    }

    @Test("a day is one of the person's own zone")
    func zone() throws {
        var person = person()
        person.left = [.init(channel: "email", at: at(0, -1))]
        var policy = policy([MessagePolicy.Cap(days: 1, most: 1)])
        policy.policy.quietTo = policy.policy.quietFrom
        let deeds = try messages([at(0)])
        #expect(policy.verdicts(deeds, person, until: at(1)).map(\.fate) == [.heldBack("frequency_cap")])
        // Eleven in the evening and midnight in New York.
        person.recipient.calendar = try #require(LocalCalendar(timeZone: "America/New_York"))
        #expect(policy.verdicts(deeds, person, until: at(1)).map(\.fate) == [.left])
    }

    @Test("quiet hours put off to where caps count it, drop, or hold it beyond the end")
    func quiet() throws {
        let deeds = try messages([at(0, 11), at(1)])
        var policy = policy([MessagePolicy.Cap(days: 1, most: 1)])
        let verdicts = policy.verdicts(deeds, person(), until: at(1))
        #expect(verdicts.map(\.fate) == [.left, .heldBack("frequency_cap")])
        #expect(verdicts.map(\.isDeferred) == [true, false] && verdicts[0].plannedAt == at(0, 11))
        #expect(policy.verdicts(deeds, person(), until: at(0, 12)).map(\.fate) == [.waiting, .waiting])
        policy.policy.quietDrops = true
        #expect(policy.verdicts(deeds, person(), until: at(1)).map(\.fate) == [.heldBack("quiet_hours"), .left])
        let urgent = try messages([at(0, 11)], more: ["transactional": true])
        #expect(policy.verdicts(urgent, person(granted: false), until: at(1)).map(\.fate) == [.left])
    }

    @Test("consent, topics and addresses are those of today, and what is refused takes its way round")
    func reasons() throws {
        let deeds = try messages([at(0)])
        func fates(_ policy: JourneyDryPolicy, _ person: JourneyDryPerson) -> [JourneyDryPolicy.Verdict.Fate] {
            policy.verdicts(deeds, person, until: at(1)).map(\.fate)
        }
        #expect(fates(policy(), person(granted: false)) == [.heldBack("consent_refused")])
        #expect(fates(policy(), person(granted: nil)) == [.heldBack("consent_missing")])
        var nowhere = person()
        nowhere.addresses = [:]
        #expect(fates(policy(), nowhere) == [.heldBack("no_address")])
        #expect(fates(policy(fallbacks: [6]), nowhere) == [.heldBack("no_address")])
        var left = policy(fallbacks: [6])
        var known = PolicyCheck.Known()
        known.said[7] = [
            .init(
                channel: "email", topic: "offers", isGranted: false, at: noon, source: "api", proof: "", messageID: 0)
        ]
        left.known = ["email": known]
        #expect(fates(left, person()) == [.heldBack("topic_left")])
        known.suppressed = ["p@example.com"]
        left.known = ["email": known]
        let round = left.verdicts(deeds, person(), until: at(1))
        #expect(round.map(\.fate) == [.left] && round[0].isRerouted && round[0].channel == "inbox")
        #expect(
            policy().verdicts(try messages([at(0)], template: 8), person(), until: at(1)).map(\.fate) == [
                .heldBack("not_published")
            ])
        var fond = person()
        fond.preferred = "inbox"
        let preferred = policy(fallbacks: [6]).verdicts(deeds, fond, until: at(1))
        #expect(preferred.map(\.channel) == ["inbox"] && !preferred[0].isRerouted)
    }

    @Test("a message that meets a channel's cap goes on by another channel, and the cap is told")
    func reroutedByCap() throws {
        let cap = MessagePolicy.Cap(channel: "email", days: 1, most: 0)
        let verdicts = policy([cap], fallbacks: [6]).verdicts(try messages([at(0)]), person(), until: at(1))
        #expect(verdicts.map(\.fate) == [.left] && verdicts[0].channel == "inbox" && verdicts[0].caps == [cap])
    }

    @Test("a message for the best hour counts on the day on which it leaves")
    func bestHour() throws {
        let deeds = try messages([at(0)], more: ["timing": "best_hour"])
        var person = person()
        person.left = [.init(channel: "email", at: at(0, -1))]
        // The usual hour is ten: tomorrow.
        let verdicts = policy([MessagePolicy.Cap(days: 1, most: 1)]).verdicts(deeds, person, until: at(2))
        #expect(verdicts.map(\.fate) == [.left] && verdicts[0].plannedAt == at(0))
        #expect(policy().verdicts(deeds, person, until: at(0, 12)).map(\.fate) == [.waiting])
    }
}
