/// One thing that `doctor` looked at.
struct Finding: Equatable {
    enum Verdict: String {
        case good = "ok"
        /// Works, but should be mended.
        case warning = "WARN"
        /// The server will not work, or not safely.
        case bad = "FAIL"
    }

    var verdict: Verdict
    var subject: String
    var detail: String
    /// What mends it; empty when nothing needs to be.
    var remedy: String

    static func good(_ subject: String, _ detail: String) -> Finding {
        Finding(verdict: .good, subject: subject, detail: detail, remedy: "")
    }

    static func warning(_ subject: String, _ detail: String, remedy: String) -> Finding {
        Finding(verdict: .warning, subject: subject, detail: detail, remedy: remedy)
    }

    static func bad(_ subject: String, _ detail: String, remedy: String) -> Finding {
        Finding(verdict: .bad, subject: subject, detail: detail, remedy: remedy)
    }
}
