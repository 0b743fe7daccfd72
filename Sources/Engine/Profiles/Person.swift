/// One profile inside a batch: its row, its document once somebody read it, and what of it has to be written.
final class Person {
    var row: Profile
    let isNew: Bool
    /// More changed than that the person was seen.
    private(set) var isChanged = false
    private(set) var isTouched = false
    private var parsed: ProfileState?
    private var stateIsChanged = false

    init(_ row: Profile, isNew: Bool) {
        self.row = row
        self.isNew = isNew
    }

    /// Throws: `ProfileError.unreadableState`, `JSONError`.
    func state() throws -> ProfileState {
        if let parsed { return parsed }
        let state = try ProfileState(parsing: row.state)
        parsed = state
        return state
    }

    func changeState(_ change: (inout ProfileState) -> Void) throws {
        var state = try state()
        parsed = nil
        change(&state)
        parsed = state
        stateIsChanged = true
        isChanged = true
    }

    func change(_ change: (inout Profile) -> Void) {
        change(&row)
        isChanged = true
    }

    /// The person acted. That alone can be counted later, unless it happened before everything known.
    func touch(at ms: Int64) {
        if ms < row.firstSeenMS {
            row.firstSeenMS = ms
            isChanged = true
        }
        row.lastSeenMS = max(row.lastSeenMS, ms)
        row.eventCount += 1
        isTouched = true
    }

    /// Brings the row's document up to date with the state.
    func writeState() {
        guard stateIsChanged, let parsed else { return }
        row.state = parsed.text()
        stateIsChanged = false
    }

    /// The row as of now, with its document.
    func snapshot() -> MergeDetail.Snapshot {
        writeState()
        return MergeDetail.Snapshot(row)
    }
}
