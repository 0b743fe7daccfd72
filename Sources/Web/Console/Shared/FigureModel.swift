import Engine

/// One number with what it is called, and how it changed against the period before.
struct FigureModel: Encodable, Sendable {
    var name: String
    var value: String
    /// Where the people behind it are; nil when there is nothing to open.
    var href: String?
    var change: Change?
    /// Said instead of a change.
    var note: String?

    struct Change: Encodable, Sendable {
        var text: String
        /// `up`, `down`, or nil when nothing changed.
        var arrow: String?
        /// `change-good` or `change-bad`, or nothing.
        var tone: String
        var explanation: String
    }

    init(_ name: String, _ value: String, href: String? = nil, change: Change? = nil, note: String? = nil) {
        self.name = name
        self.value = value
        self.href = href
        self.change = change
        self.note = note
    }
}

extension FigureModel.Change {
    /// The change of a figure of which more is better; nil without anything to compare with.
    init?(from before: Double?, to now: Double?, isShare: Bool = false, _ wording: Wording) {
        guard let before, let now, isShare || before != 0 else { return nil }
        let difference = isShare ? now - before : (now - before) / abs(before)
        let isFlat = abs(difference) < 0.0005
        arrow = isFlat ? nil : difference > 0 ? "up" : "down"
        tone = isFlat ? "" : difference > 0 ? "change-good" : "change-bad"
        text =
            isFlat
            ? wording.text("overview.unchanged")
            : isShare
                ? wording.text("overview.points", ["points": wording.decimal(abs(difference) * 100, digits: 1)])
                : wording.percent(abs(difference))
        explanation = wording.text("overview.against_before")
    }
}
