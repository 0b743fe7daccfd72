/// How people become members: `{"when": "identified", "backdated_days": 30}`.
package struct EnrolmentPolicy: Sendable, Equatable {
    package enum Moment: String, Sendable, CaseIterable {
        /// By hand or over the API alone.
        case asked
        /// As soon as one is known by name: with a `user_id`, a telephone number, an address, …
        case identified
        /// With the first order of somebody known.
        case ordered
    }

    package var when: Moment = .asked
    /// Orders of so many days before one became a member earn as well.
    package var backdatedDays: Int64 = 0

    package init(when: Moment = .asked, backdatedDays: Int64 = 0) {
        self.when = when
        self.backdatedDays = backdatedDays
    }

    init(_ reader: CriteriaReader) {
        when = reader.choice("when", orElse: .asked) ?? .asked
        backdatedDays = reader.whole("backdated_days", in: ProgramLimits.days, orElse: 0)
        reader.finish()
    }

    package var json: JSONValue {
        var members: [String: JSONValue] = ["when": .string(when.rawValue)]
        if backdatedDays > 0 { members["backdated_days"] = .integer(backdatedDays) }
        return .object(members)
    }
}
