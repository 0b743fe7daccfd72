/// The kinds of analytics store that a suite loops over.
package enum AnalyticsKind: String, CaseIterable, Sendable {
    /// chDB in the test process.
    case embedded

    package var testDescription: String { rawValue }
}
