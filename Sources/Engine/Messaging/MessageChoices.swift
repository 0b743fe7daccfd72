import Storage

/// How a message goes out, beyond what it says: who goes first, at which hour, and by which way round.
package struct MessageChoices: Sendable, Equatable {
    package enum Timing: String, Sendable, CaseIterable {
        /// When it is due.
        case due = ""
        /// In the hour in which the person looks at most (`BestHour`), from when it is due on.
        case bestHour = "best_hour"

        /// For texts, where an empty word says nothing.
        package var word: String { self == .due ? "due" : rawValue }
    }

    /// 1 to 9; where a cap leaves room for some only, the higher goes first.
    package var priority: Int64
    package var timing: Timing
    /// Templates of other channels, tried in order when the first does not reach the person; nil: those of the template.
    package var fallbacks: [Int64]?

    package static let usualPriority: Int64 = 5
    package static let priorities: ClosedRange<Int64> = 1...9
    package static let fallbacksMax = 3

    package init(
        priority: Int64 = MessageChoices.usualPriority, timing: Timing = .due, fallbacks: [Int64]? = nil
    ) {
        self.priority = priority
        self.timing = timing
        self.fallbacks = fallbacks
    }

    /// As it is stored; nil: those of the template.
    package var fallbackText: String? { fallbacks.map(MessageRoutes.text) }

    package static func ids(_ text: String) -> [Int64] { MessageRoutes.ids(text) }

    /// Throws: `TemplateError.badFallback` for a template that cannot be tried after one of `channel`, `StorageError`.
    package func check(after channel: String, _ connection: any SQLConnection) throws {
        try MessageRoutes.check(fallbacks ?? [], after: channel, connection)
    }
}
