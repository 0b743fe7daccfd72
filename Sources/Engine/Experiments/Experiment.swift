import Storage

/// One experiment and how it stands.
package struct Experiment: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        case draft, running, stopped, decided

        /// Where it may go from here.
        package var next: [State] {
            switch self {
            case .draft: [.running]
            case .running: [.stopped]
            case .stopped: [.decided]
            case .decided: []
            }
        }
    }

    package var id: Int64
    package var definition: ExperimentDefinition
    package var state: State
    package var salt: Int64
    package var createdAt: Timestamp
    package var updatedAt: Timestamp
    package var startedAt: Timestamp?
    package var stoppedAt: Timestamp?
    package var decision: ExperimentDecision?

    static let columns =
        "id, definition, state, salt, created_ms, updated_ms, started_ms, stopped_ms, decision"

    init(_ row: SQLRow) throws {
        id = try row.int(0)
        definition = try ExperimentDefinition(JSONValue(parsing: row.text(1)))
        state = State(rawValue: try row.text(2)) ?? .draft
        salt = try row.int(3)
        createdAt = Timestamp(milliseconds: try row.int(4))
        updatedAt = Timestamp(milliseconds: try row.int(5))
        startedAt = try row.intOrNil(6).map(Timestamp.init(milliseconds:))
        stoppedAt = try row.intOrNil(7).map(Timestamp.init(milliseconds:))
        decision = try row.textOrNil(8).map { try StoredDocument.value(ExperimentDecision.self, from: $0) }
    }

    /// Of what people change. Throws: `EncodingError`.
    package var revision: Revision {
        get throws { try Revision(of: definition.json.text()) }
    }

    /// The variant that a person falls to, whether or not they ever met it; under a version of the division, if there is one.
    package func variant(
        of profileID: Int64, under division: ExperimentDivision? = nil
    ) -> ExperimentDefinition.Variant {
        let weights = division?.weights ?? definition.weights
        return definition.variants[Assignment.variant(salt: salt, profile: profileID, weights: weights)]
    }
}

/// What was made of an experiment.
package struct ExperimentDecision: Sendable, Equatable, Codable {
    /// The variant that stays; nil: nothing changes.
    package var variant: String?
    package var reason: String
    package var by: String
    package var at: Timestamp

    package init(variant: String?, reason: String, by: String, at: Timestamp) {
        self.variant = variant
        self.reason = reason
        self.by = by
        self.at = at
    }
}
