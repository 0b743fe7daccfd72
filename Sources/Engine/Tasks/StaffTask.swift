import Storage

/// Something that the brand's own people are asked to do about somebody.
package struct StaffTask: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        case open, done, skipped
        /// The way that asked for it ended; nobody needs it any more.
        case withdrawn
    }

    package var id: Int64
    /// 0 once the person was erased.
    package var profileID: Int64
    package var title: String
    package var text: String
    /// Whose it is; nil: everybody's.
    package var role: Role?
    package var state: State
    package var due: Timestamp
    package var journeyID: Int64
    package var note: String
    package var createdAt: Timestamp
    package var closedAt: Timestamp?
    package var closedBy: String
    var question: JourneyQuestion

    static let columns = """
        id, profile_id, title, body, role, state, due_ms, journey_id, question, note, created_ms, closed_ms, closed_by
        """

    init(_ row: SQLRow) throws {
        id = try row.int(0)
        profileID = try row.int(1)
        title = try row.text(2)
        text = try row.text(3)
        role = Role(rawValue: try row.text(4))
        state = State(rawValue: try row.text(5)) ?? .withdrawn
        due = Timestamp(milliseconds: try row.int(6))
        journeyID = try row.int(7)
        question = try StoredDocument.value(JourneyQuestion.self, from: row.text(8))
        note = try row.text(9)
        createdAt = Timestamp(milliseconds: try row.int(10))
        closedAt = try row.intOrNil(11).map(Timestamp.init(milliseconds:))
        closedBy = try row.text(12)
    }

    /// What is asked.
    package struct Draft: Sendable, Equatable {
        package var title: String
        package var text: String
        /// Empty: everybody's.
        package var role: String
        package var isMailed: Bool
        package var due: Timestamp
        /// Whether somebody waits for what becomes of it.
        package var isAwaited: Bool
    }

    /// Roles as forms offer them.
    static let roleChoices: [CriteriaForm.Choice] = [
        .init("", "所有人", "everybody"), .init("service", "客服", "service"), .init("marketer", "运营", "marketers"),
        .init("analyst", "分析", "analysts"), .init("admin", "管理员", "administrators"),
    ]
}

package enum StaffTaskError: Error, Sendable, Equatable {
    case notFound(Int64)
    /// It was done, skipped or withdrawn already.
    case closed(StaffTask.State)
    case noteTooLong(limit: Int)
}

package enum StaffTaskLimits {
    package static let textBytes = 2_000
    package static let noteBytes = 2_000
    package static let pageRows = 100
    /// Tasks in one letter.
    static let mailed = 50
    /// What is older is not written about any more.
    static let mailHours: Int64 = 24
}
