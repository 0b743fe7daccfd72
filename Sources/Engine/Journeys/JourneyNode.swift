/// A kind of node. Another one is one file in `Nodes` and one line in `NodeCatalog`.
package protocol JourneyNode: Sendable {
    /// The word in `kind`.
    static var kind: String { get }
    static var fork: JourneyFork { get }
    /// Whether time passes at it: what a way back needs in between.
    static var waits: Bool { get }
    /// How the console asks for it.
    static var form: CriteriaForm { get }
    /// Of one that asks somebody: the words for what they may answer.
    static var answers: [String] { get }

    /// Reads its fields; notes what is wrong with them and then may be anything.
    init(_ reader: CriteriaReader)
    /// Its fields, without `id`, `kind` and the ways on.
    var json: [String: JSONValue] { get }
    /// What it names and would break without.
    var references: Set<JourneyReference> { get }

    /// Notes what does not fit the workspace.
    func check(_ world: JourneyWorld, _ step: JourneyStep, _ note: (_ field: String, CriteriaIssue.Reason) -> Void)
    /// What it does, in a sentence.
    func words(_ phrases: JourneyPhrases) -> String
    /// Somebody comes to the node. Pure.
    func arrive(_ visit: JourneyVisit) -> JourneyMove
    /// Somebody who waits here is looked at again: the timer is due, or something happened. Pure.
    func wake(_ visit: JourneyVisit) -> JourneyMove
}

extension JourneyNode {
    package static var fork: JourneyFork { .none }
    package static var waits: Bool { false }
    package static var answers: [String] { [] }
    package var references: Set<JourneyReference> { [] }
    package func check(
        _ world: JourneyWorld, _ step: JourneyStep, _ note: (_ field: String, CriteriaIssue.Reason) -> Void
    ) {}
    package func wake(_ visit: JourneyVisit) -> JourneyMove { visit.isDue ? .next() : .wait(until: visit.timer) }
}

/// Every kind of node, in the order in which the editor offers them.
package enum NodeCatalog {
    package static let all: [any JourneyNode.Type] = [
        WaitNode.self,
        WaitWindowNode.self,
        WaitDateNode.self,
        WaitEventNode.self,
        BranchNode.self,
        SplitNode.self,
        ExperimentNode.self,
        HoldoutNode.self,
        MessageNode.self,
        PointsNode.self,
        CouponNode.self,
        TagNode.self,
        TraitNode.self,
        ListNode.self,
        WebhookNode.self,
        TaskNode.self,
        GoalNode.self,
        JumpNode.self,
        ExitNode.self,
    ]

    private static let byKind = Dictionary(uniqueKeysWithValues: all.map { ($0.kind, $0) })

    static func node(_ kind: String) -> (any JourneyNode.Type)? { byKind[kind] }
}

/// What a node decides.
package enum JourneyMove: Sendable {
    /// On to what comes behind it, having done this; the note says how it went.
    case next([JourneyEffect] = [], note: String = "")
    /// On by a way: its place, or nil for `otherwise`. `seen`: the event that decided it.
    case path(Int?, [JourneyEffect] = [], seen: Int64? = nil, note: String = "")
    case wait(until: Timestamp?, [JourneyEffect] = [])
    case goal
    case jump(String)
    case end(JourneyRun.Ending)
}

/// One person at one node, with all that a decision may rest on.
package struct JourneyVisit: Sendable {
    package var step: JourneyStep
    package var run: JourneyRun
    package var facts: JourneyFacts
    /// Why what the node does was refused at the first try; nil at the first try.
    package var refusal: String?

    var now: Timestamp { facts.now }
    var timer: Timestamp? { run.timer }
    /// Whether the wait is over by time alone.
    var isDue: Bool { run.timer.map { $0 <= facts.now } ?? false }
    var key: String { run.key(run.journeyID) }

    /// What happened since the run's last decision, oldest first.
    var news: [CriteriaEvent] { facts.inputs.filter { $0.position > run.seen } }

    /// What is said of what this visit asked for: a message, a webhook, a task.
    func told(_ names: Set<String>) -> [CriteriaEvent] {
        facts.inputs.filter { event in
            names.contains(event.name) && event.properties.first("run_id")?.text == String(run.id)
                && event.properties.first("visit")?.text == String(run.visit)
        }
    }

    /// On by the first way that what was answered opens; when nothing was in time, or no way is for it, by `otherwise`.
    var answered: JourneyMove {
        guard let event = told(JourneyAnswers.names).last else {
            return isDue ? .path(nil, note: "timeout") : .wait(until: timer)
        }
        let place = step.paths.firstIndex { $0.answer?.matches(event, facts.clock) ?? false }
        return .path(place, seen: event.position, note: event.properties.first("answer")?.text ?? "")
    }

    /// A number below `parts` that is always the same for this person at this node.
    func draw(_ parts: Int64) -> Int64 {
        guard parts > 0 else { return 0 }
        return Assignment.bucket(salt: drawSalt, profile: run.profileID, of: parts)
    }

    /// One of several by weight, always the same for this person at this node; weights not all 0.
    func draw(weights: [Int64]) -> Int {
        Assignment.variant(salt: drawSalt, profile: run.profileID, weights: weights)
    }

    private var drawSalt: Int64 { Assignment.salt(of: "\(facts.salt)\u{1F}\(step.id)\u{1F}\(drawKey)") }

    /// With several runs at once each is drawn for itself.
    private var drawKey: String { facts.drawsPerRun ? run.entryKey : "" }

    func meets(_ criteria: Criteria) -> Bool {
        facts.subject.map { criteria.holds(for: $0, facts.clock) } ?? false
    }
}

/// What is known of a person when a step is thought out.
package struct JourneyFacts: Sendable {
    package var now: Timestamp
    package var clock: CriteriaClock
    package var salt: String
    package var drawsPerRun = false
    /// Conditions with the definitions of segments put in hold for this person; nil where nothing asks.
    package var subject: CriteriaSubject?
    package var inputs: [CriteriaEvent] = []
    /// By key of the visit: why the store refused what it wanted.
    package var refusals: [String: String] = [:]
    /// By experiment: what it has for this person.
    package var experiments: [Int64: JourneyVariant] = [:]

    package init(now: Timestamp, clock: CriteriaClock, salt: String) {
        self.now = now
        self.clock = clock
        self.salt = salt
    }
}

/// What has to be done for a person, in the transaction of the step.
package struct JourneyEffect: Sendable, Equatable {
    package enum Deed: Sendable, Equatable {
        case points(currency: String, Int64)
        case coupon(Int64)
        case tag(Int64, adds: Bool)
        case trait(String, JSONValue)
        case list(Int64, adds: Bool)
        /// `answer`: what is to be kept of it; nil: nobody waits for one.
        case webhook(Int64, answer: [String]?)
        case task(StaffTask.Draft)
        case exposure(Int64, variant: String)
        case message(template: Int64, topic: String, isTransactional: Bool, MessageChoices)
    }

    package var deed: Deed
    package var key: String
    package var run: Int64
    package var journey: Int64
    package var profile: Int64
    package var node: String
    package var visit: Int64
    /// A JSON object: what the entering event said, and what was answered since.
    package var values: String
    /// Of what is given: on which terms.
    package var gift: JourneyGift?

    init(_ deed: Deed, _ visit: JourneyVisit) {
        self.deed = deed
        key = visit.key
        run = visit.run.id
        journey = visit.run.journeyID
        profile = visit.run.profileID
        node = visit.run.node
        self.visit = visit.run.visit
        values = visit.run.values
    }
}
