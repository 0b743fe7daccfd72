import Engine

/// How the API asks for whose messages go first, at which hour, and by which way round.
enum MessageChoiceFields {
    static let asked: [APIField] = [
        .optional(
            "priority", .integer(MessageChoices.priorities),
            "5 unless told. Where a cap leaves room for some messages only, the higher go first."),
        .optional(
            "timing", .words(MessageChoices.Timing.allCases.map(\.rawValue)),
            "`best_hour`: in the hour in which the person looks at most."),
        .optional(
            "fallbacks", .nullable(.array(.id, count: 0...MessageChoices.fallbacksMax)),
            "Templates of other channels, tried in order when the first does not reach the person; null: those that the "
                + "template names."),
    ]

    static func read(_ body: JSONValue) -> MessageChoices {
        MessageChoices(
            priority: body["priority"]?.intValue ?? MessageChoices.usualPriority,
            timing: body["timing"]?.stringValue.flatMap(MessageChoices.Timing.init(rawValue:)) ?? .due,
            fallbacks: body["fallbacks"]?.arrayValue.map { $0.compactMap { $0.stringValue.flatMap { Int64($0) } } })
    }
}
