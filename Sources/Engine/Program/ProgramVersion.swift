import Storage

/// Where a version of the program stands.
package enum ProgramStatus: String, Sendable, CaseIterable {
    case draft, review, approved, published, retired
}

/// One version of the program.
package struct ProgramVersion: Sendable, Equatable {
    package var id: Int64
    /// Counts up from 1; awards name it.
    package var number: Int64
    package var title: String
    /// `LoyaltyProgram` as JSON.
    package var document: String
    package var status: ProgramStatus
    package var basedOn: Int64?
    package var createdMS: Int64
    package var updatedMS: Int64
    package var editedBy: String
    package var submittedBy: String?
    package var decidedBy: String?
    package var publishedMS: Int64?
    package var retiredMS: Int64?
    /// The trial that its approval is of.
    package var trialID: Int64?

    /// Nil when a newer build wrote what this one cannot read.
    package var program: LoyaltyProgram? { LoyaltyProgram.readable(document) }

    /// Of what can be edited. Throws: `EncodingError`.
    package var revision: Revision {
        get throws { try Revision(of: [title, document, status.rawValue]) }
    }

    static let columns = """
        id, number, title, document, status, based_on, created_ms, updated_ms, edited_by, submitted_by, decided_by, \
        published_ms, retired_ms, trial_id
        """

    init(_ row: SQLRow) throws {
        id = try row.int(0)
        number = try row.int(1)
        title = try row.text(2)
        document = try row.text(3)
        guard let status = ProgramStatus(rawValue: try row.text(4)) else {
            throw StorageError.unexpectedValue(column: 4, expected: "a status", found: try row.text(4))
        }
        self.status = status
        basedOn = try row.intOrNil(5)
        createdMS = try row.int(6)
        updatedMS = try row.int(7)
        editedBy = try row.text(8)
        submittedBy = try row.textOrNil(9)
        decidedBy = try row.textOrNil(10)
        publishedMS = try row.intOrNil(11)
        retiredMS = try row.intOrNil(12)
        trialID = try row.intOrNil(13)
    }
}

/// One thing done to a version.
package struct ProgramStep: Sendable, Equatable {
    package enum Verb: String, Sendable, CaseIterable {
        case create, edit, submit, approve, reject, publish, retire
    }

    package var at: Timestamp
    package var actor: String
    package var verb: Verb
    package var note: String
}

/// Why something could not be done to the program.
package enum ProgramError: Error, Sendable, Equatable {
    case notFound(Int64)
    case titleMissing
    case titleTooLong(limit: Int)
    case noteTooLong(limit: Int)
    case tooMany(limit: Int)
    /// What it says does not hold together.
    case invalid(CriteriaError)
    /// What was asked is not possible from where the version stands.
    case status(ProgramStatus, verb: ProgramStep.Verb)
    /// Whoever submitted or last edited it does not approve it.
    case sameActor
    /// What it says was not tried on history beside what is in force.
    case trialMissing
    /// It was, and history has moved materially since.
    case trialLapsed
}
