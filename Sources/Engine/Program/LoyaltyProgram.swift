// Program: the loyalty program as one document that is versioned, tried, approved and published as a whole.
//
// Invariants: at most one version is published. Only a draft changes, and only for who saw what it says. Who submitted
// or last edited a version does not approve it. What a published version says never changes.

/// The loyalty program: who becomes a member, what earns points, what tiers and benefits there are (docs/program.md).
package struct LoyaltyProgram: Sendable {
    package var enrolment = EnrolmentPolicy()
    /// What earns points, with stacking groups, caps and the budget.
    package var rules = EarningRuleSet()
    /// What the room of tiers decodes; nil: there are no tiers.
    package var tiers: JSONValue?
    /// What the room of benefits decodes.
    package var benefits: JSONValue?

    package static let version: Int64 = 1

    package init() {}

    /// Reads `{"version": 1, "enrolment": {…}, "rules": […], …}`. Throws: `CriteriaError` with everything that is wrong.
    package init(parsing text: String) throws(CriteriaError) {
        try self.init(json: JSONValue(definition: text, bytesMax: ProgramLimits.bytes))
    }

    /// Throws: `CriteriaError` with everything that is wrong.
    package init(json: JSONValue) throws(CriteriaError) {
        let notes = CriteriaNotes()
        let reader = CriteriaReader(json, "program", notes)
        _ = reader.whole("version", in: Self.version...Self.version, orElse: Self.version)
        if let own = reader.child("enrolment") { enrolment = EnrolmentPolicy(own) }
        rules = EarningRuleSet(reader)
        tiers = Self.document(reader, "tiers")
        benefits = Self.document(reader, "benefits")
        reader.finish()
        guard notes.issues.isEmpty else { throw CriteriaError(issues: notes.issues) }
    }

    /// A part that another room reads.
    private static func document(_ reader: CriteriaReader, _ name: String) -> JSONValue? {
        guard let value = reader.value(name) else { return nil }
        if value.objectValue == nil { reader.note(name, .wrongType(expected: "an object")) }
        return value
    }

    package var json: JSONValue {
        var members: [String: JSONValue] = ["version": .integer(Self.version), "enrolment": enrolment.json]
        members.merge(rules.json) { $1 }
        if let tiers { members["tiers"] = tiers }
        if let benefits { members["benefits"] = benefits }
        return .object(members)
    }

    /// Codes of the tiers, as far as their document tells them by `tiers[].code`; nil when it does not.
    package var tierCodes: Set<String>? {
        guard let own = tiers?["tiers"]?.arrayValue ?? tiers?["levels"]?.arrayValue else { return nil }
        return Set(own.compactMap { $0["code"]?.stringValue })
    }

    /// Keys sorted: equal programs have equal text.
    package var text: String { json.text() }

    static func readable(_ text: String) -> LoyaltyProgram? {
        do { return try LoyaltyProgram(parsing: text) } catch { return nil }
    }
}

/// Bounds of programs.
package enum ProgramLimits {
    package static let bytes = 256 * 1024
    package static let versions = 500
    package static let titleCharacters = 80
    package static let noteCharacters = 500
    package static let days: ClosedRange<Int64> = 0...3_660
}
