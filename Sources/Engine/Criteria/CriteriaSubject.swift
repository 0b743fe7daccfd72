/// One person as conditions see them.
package struct CriteriaSubject: Sendable {
    package var profile: Profile
    package var traits = FlatValues()
    /// By channel; a channel that is not there was never asked.
    package var consent: [String: Bool] = [:]
    package var identityKinds: Set<String> = []
    /// Segments that are lists, and that this person is on.
    package var lists: Set<Int64> = []
    /// Manual tags that the person has.
    package var tags: Set<Int64> = []
    /// By model.
    package var scores: [Int64: ProfileScore] = [:]
    package var orders: [CriteriaOrder] = []
    package var holdings = CriteriaHoldings()
    package var features: [Feature: FeatureState] = [:]

    package init(_ profile: Profile, _ state: ProfileState, _ calendar: LocalCalendar) {
        self.profile = profile
        traits = FlatValues(state.values, calendar)
        consent = state.consent.mapValues(\.isGranted)
        identityKinds = Set(state.identityCounts.filter { $0.value > 0 }.keys)
    }

    /// What the person's events come to; nothing where nothing was kept.
    func state(_ feature: Feature) -> FeatureState { features[feature] ?? FeatureState() }
}
