/// Who gets how far through steps that follow one another: a pure fold over one person's events in order.
///
/// Steps must happen in order, the last within a window from the first; other events may lie between, unless the funnel is
/// strict. An exclusion between two steps ends the attempt. Of several attempts the first that got furthest counts.
struct FunnelWalk: Sendable {
    let steps: Int
    let windowMilliseconds: Int64
    let isStrict: Bool
    /// Moments after which no attempt begins, and before.
    let starts: Range<Int64>

    /// Events as masks: bit `n` for step `n + 1`, and this bit for an exclusion.
    static let exclusion: Int64 = 1 << 20

    /// One event in the order of time.
    struct Event: Equatable {
        var time: Int64
        var mask: Int64
        /// What people are divided by, told by events of the first step.
        var group: String = ""
    }

    /// How far somebody got: moments of the steps that were reached.
    struct Attempt: Equatable {
        var times: [Int64]
        var group: String
        var level: Int { times.count }
    }

    /// Nil for somebody who never began.
    ///
    /// For every level only the attempt that began last is kept: whatever another could still reach, that one reaches
    /// within the window, too.
    func furthest(_ events: some Sequence<Event>) -> Attempt? {
        var open: [Attempt?] = Array(repeating: nil, count: steps)
        var best: Attempt?
        for event in events {
            var next = isStrict ? Array(repeating: nil, count: steps) : open
            if event.mask & Self.exclusion != 0 {
                for level in 0..<(steps - 1) { next[level] = nil }
            } else {
                for level in stride(from: steps - 1, through: 0, by: -1) where event.mask & (1 << level) != 0 {
                    guard let attempt = advanced(to: level, event, open) else { continue }
                    next[level] = attempt
                    if attempt.level > best?.level ?? 0 { best = attempt }
                }
            }
            open = next
            if best?.level == steps { break }
        }
        return best
    }

    private func advanced(to level: Int, _ event: Event, _ open: [Attempt?]) -> Attempt? {
        guard level > 0 else {
            return starts.contains(event.time) ? Attempt(times: [event.time], group: event.group) : nil
        }
        guard var attempt = open[level - 1], event.time - attempt.times[0] <= windowMilliseconds else { return nil }
        attempt.times.append(event.time)
        return attempt
    }
}
