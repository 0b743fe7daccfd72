extension TierPreview {
    /// What came out; nil while it runs, and when it failed. Throws: `DecodingError`.
    package static func report(of job: Job) throws -> Report? {
        guard job.status == .done, let result = job.result else { return nil }
        return try StoredDocument.value(Report.self, from: result)
    }
}
