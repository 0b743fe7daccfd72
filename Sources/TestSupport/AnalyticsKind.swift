/// The kinds of analytics store that a suite loops over.
package enum AnalyticsKind: String, CaseIterable, Sendable {
    /// chDB in the test process.
    case embedded
    /// Two shards of two replicas of ClickHouse's oldest supported version, over HTTP.
    case cluster
}
