import Storage

/// A kind of condition. Another one is one file and one line in `CriteriaCatalog`.
package protocol CriteriaCondition: Sendable {
    /// The word in `kind`.
    static var kind: String { get }
    /// How the console asks for it.
    static var form: CriteriaForm { get }

    /// Reads its fields; notes what is wrong with them and then may be anything.
    init(_ reader: CriteriaReader)
    /// Its fields, without `kind`.
    var json: [String: JSONValue] { get }

    func holds(for subject: CriteriaSubject, _ clock: CriteriaClock) -> Bool
    /// The same over the columns that the compiler hands out.
    func sql(_ compiler: inout CriteriaCompiler) -> AnalyticsSQL
    func words(_ phrases: CriteriaPhrases) -> String
    /// What was found for a person, to explain why the condition holds or does not.
    func finding(_ subject: CriteriaSubject, _ clock: CriteriaClock, _ phrases: CriteriaPhrases) -> String
    /// Notes what does not fit the workspace: unknown traits, types, segments.
    func check(_ world: CriteriaWorld, _ note: (_ field: String, CriteriaIssue.Reason) -> Void)
    /// What it says of which thing, to find what excludes it.
    var claim: CriteriaClaim { get }

    var features: [Feature] { get }
    var dependsOnTime: Bool { get }
    var needsOrders: Bool { get }
    /// Whether it asks for points or coupons.
    var needsHoldings: Bool { get }
    var cost: Int { get }
}

extension CriteriaCondition {
    package var features: [Feature] { [] }
    package var dependsOnTime: Bool { false }
    package var needsOrders: Bool { false }
    package var needsHoldings: Bool { false }
    package var cost: Int { 1 }
    /// Excludes nothing but its own opposite.
    package var claim: CriteriaClaim { CriteriaClaim("\(Self.kind) \(JSONValue.object(json).text())", .present) }
    package func check(_ world: CriteriaWorld, _ note: (_ field: String, CriteriaIssue.Reason) -> Void) {}
}

/// Every kind of condition.
package enum CriteriaCatalog {
    package static let all: [any CriteriaCondition.Type] = [
        TraitCondition.self,
        IdentityCondition.self,
        ConsentCondition.self,
        StageCondition.self,
        StageDaysCondition.self,
        RFMScoreCondition.self,
        RFMClassCondition.self,
        OrderFigureCondition.self,
        MemberTierCondition.self,
        MemberTierDaysCondition.self,
        PointsCondition.self,
        CouponsCondition.self,
        ScoreCondition.self,
        ScoreGradeCondition.self,
        MomentCondition.self,
        SourceCondition.self,
        SegmentCondition.self,
        TagCondition.self,
        BehaviourCondition.self,
        SequenceCondition.self,
        OrdersCondition.self,
    ]

    private static let byKind = Dictionary(uniqueKeysWithValues: all.map { ($0.kind, $0) })

    static func condition(_ kind: String) -> (any CriteriaCondition.Type)? { byKind[kind] }
}
