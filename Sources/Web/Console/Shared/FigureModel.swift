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
    /// How it is counted.
    var how: HowModel?

    struct Change: Encodable, Sendable {
        var text: String
        /// `up`, `down`, or nil when nothing changed.
        var arrow: String?
        /// `change-good` or `change-bad`, or nothing.
        var tone: String
        var explanation: String
    }

    init(
        _ name: String, _ value: String, href: String? = nil, change: Change? = nil, note: String? = nil,
        how: HowModel? = nil
    ) {
        self.name = name
        self.value = value
        self.href = href
        self.change = change
        self.note = note
        self.how = how
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

/// How a figure is counted, opened beside it. The definitions are those of docs/metrics.md.
struct HowModel: Encodable, Sendable {
    var id: String
    var label: String
    var title: String
    var text: String

    /// The definition under `metric.KEY`; `name` is what the page calls the figure.
    init(_ key: String, name: String, _ wording: Wording, _ values: [String: String] = [:]) {
        id = key.replacing("_", with: "-")
        label = wording.text("frame.how", ["name": name])
        title = name
        text = wording.text("metric.\(key)", values)
    }
}
