/// What is wrong with a journey, and at which node. Empty: the journey as a whole (entry, goal, exit).
package struct JourneyIssue: Sendable, Equatable {
    package var node: String
    /// The field, as `where.of[1].test`.
    package var path: String
    /// A word for programs.
    package var code: String
    package var chinese: String
    package var english: String

    init(_ node: String, _ path: String, _ code: String, _ chinese: String, _ english: String) {
        self.node = node
        self.path = path
        self.code = code
        self.chinese = chinese
        self.english = english
    }

    init(_ node: String, _ issue: CriteriaIssue) {
        self.init(node, issue.path, issue.code, issue.text(.chinese), issue.text(.english))
    }

    package func text(_ language: CriteriaLanguage) -> String { language(chinese, english) }

    /// Whether the drawing itself cannot be kept, rather than that something is still missing from it.
    var isOfShape: Bool {
        switch path {
        case "", "entry", "steps", "version": node.isEmpty || path == "steps"
        case "id", "kind": true
        default: node.isEmpty && code == "unknown_field" && !path.contains(".")
        }
    }
}

/// Why something asked of journeys was refused. A refused command changes nothing.
package enum JourneyError: Error, Sendable, Equatable {
    case notFound(Int64)
    case versionNotFound(Int64)
    case runNotFound(Int64)
    case nameMissing
    case tooLong(limit: Int)
    /// Of `MessageChoices.priorities`.
    case badPriority
    case nameTaken(String)
    case tooMany(limit: Int)
    case invalid([JourneyIssue])
    /// There is nothing to publish: no draft.
    case noDraft
    case notLive
    case notPaused
    /// People are on their way: end it first.
    case inUse(people: Int64)
    /// Somebody else saved since.
    case editedMeanwhile
    /// Where the people of a node shall go is not said, or not there.
    case unknownNode(String)
    case notByRequest
    case notRetryable
    /// Nothing was in force before, or it was taken back already.
    case nothingToUndo
    case tooLateToUndo(hours: Int64)
    case playbookNotFound(String)
}
