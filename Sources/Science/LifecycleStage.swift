/// Where a person stands in the relationship.
package enum LifecycleStage: String, Sendable, Codable, CaseIterable {
    case introduction, growth, maturity, decline, churn
}
