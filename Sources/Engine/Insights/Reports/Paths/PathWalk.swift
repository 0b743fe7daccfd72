/// What follows something, or came before it: a pure reading of one person's events in order.
struct PathWalk: Sendable {
    /// How many steps are followed.
    let depth: Int
    let isBackwards: Bool
    /// A longer pause ends the path.
    let pauseMilliseconds: Int64

    struct Event: Equatable {
        var time: Int64
        /// What it is: a place in the list of names; 0 for any other.
        var name: Int64
        var isStart: Bool
    }

    /// The names from the first event that is a start on (going back: up to it, the start first), each once when it follows
    /// itself; `end` stands where nothing follows. Nil without a start.
    func path(_ events: [Event]) -> [Int64]? {
        guard let start = events.firstIndex(where: \.isStart) else { return nil }
        var names = [events[start].name]
        var last = events[start].time
        let others: [Event] =
            isBackwards ? events[..<start].reversed() : Array(events[(start + 1)...])
        for event in others where names.count <= depth {
            guard abs(event.time - last) <= pauseMilliseconds else { break }
            last = event.time
            if event.name != names[names.count - 1] { names.append(event.name) }
        }
        if names.count <= depth { names.append(Self.end) }
        return names
    }

    static let end: Int64 = -1
}
