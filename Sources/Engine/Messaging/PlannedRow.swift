import Storage

/// A message as it is written down: planned, or left out at once.
struct PlannedRow {
    let id: Int64
    private let topic: String
    /// As JSON.
    private let origin: String
    let hasFallbacks: Bool
    private(set) var isLeftOut = false
    /// Of the columns that `Messages` inserts: state, reason and end are the last.
    private(set) var values: [SQLValue]

    private static let endings = 3

    init(
        id: Int64, topic: String, origin: String, hasFallbacks: Bool, _ plan: MessagePlan, _ template: MessageTemplate,
        values: String, fallbacks: String, at now: Timestamp
    ) {
        (self.id, self.topic, self.origin, self.hasFallbacks) = (id, topic, origin, hasFallbacks)
        self.values = [
            .integer(id), .text(plan.key), .integer(plan.profileID), .integer(plan.templateID),
            .text(template.channel), .text(topic), .integer(plan.isTransactional || template.isTransactional ? 1 : 0),
            .text(plan.origin.kind), .integer(plan.origin.id), .text(origin), .text(values),
            .integer(plan.due.milliseconds), .integer(now.milliseconds), .integer(now.milliseconds),
            .integer(plan.choices.priority), .integer(plan.due.milliseconds), .text(plan.choices.timing.rawValue),
            .text(fallbacks), .text(SentMessage.State.planned.rawValue), .text(""), .null,
        ]
    }

    /// It is not to be sent.
    mutating func leaveOut(_ reason: String, at now: Timestamp) {
        isLeftOut = true
        end(.suppressed, reason, .integer(now.milliseconds))
    }

    /// The values of the same message while nothing is said against it.
    var planned: [SQLValue] {
        var row = self
        row.end(.planned, "", .null)
        return row.values
    }

    private mutating func end(_ state: SentMessage.State, _ reason: String, _ moment: SQLValue) {
        let place = values.count - Self.endings
        (values[place], values[place + 1], values[place + 2]) = (.text(state.rawValue), .text(reason), moment)
    }

    /// The message that stands there now.
    func message(_ plan: MessagePlan, _ template: MessageTemplate, at now: Timestamp) -> SentMessage {
        var message = SentMessage(trying: template, plan.profileID, at: now)
        (message.id, message.key, message.topic) = (id, plan.key, topic)
        (message.origin, message.originID, message.originDetail) = (plan.origin.kind, plan.origin.id, origin)
        if isLeftOut, case .text(let reason) = values[values.count - Self.endings + 1] {
            (message.state, message.reason) = (.suppressed, reason)
        }
        return message
    }
}
