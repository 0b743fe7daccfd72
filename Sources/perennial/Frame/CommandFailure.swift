/// Why a command cannot go on, told to the person at the terminal: what is wrong, and what would mend it.
struct CommandFailure: Error, CustomStringConvertible, Equatable {
    let problem: String
    let remedy: String

    init(_ problem: String, remedy: String) {
        self.problem = problem
        self.remedy = remedy
    }

    var description: String { "\(problem)\n\(remedy)" }
}
