import Foundation

/// How far a job has come, as its page shows it.
package struct JobProgress: Sendable, Codable, Equatable {
    package var done: Int64
    /// nil while the end is not known.
    package var total: Int64?
    /// What is counted: `rows`, `people`, `bytes`.
    package var unit: String
    /// The step the job is in, as a key of the strings: `reading`, `scoring`.
    package var phase: String?
    /// Where to continue after a restart; only the handler understands it.
    package var checkpoint: String?

    package init(
        done: Int64 = 0, total: Int64? = nil, unit: String = "", phase: String? = nil, checkpoint: String? = nil
    ) {
        self.done = done
        self.total = total
        self.unit = unit
        self.phase = phase
        self.checkpoint = checkpoint
    }
}

extension JobProgress {
    /// Throws: `DecodingError` when the text is no progress.
    init(json text: String) throws {
        self = text == "{}" ? JobProgress() : try JSONDecoder().decode(JobProgress.self, from: Data(text.utf8))
    }

    func json() throws -> String {
        try StoredDocument.text(self)
    }
}
