import Engine

/// Shapes of people in the API, and their JSON.
enum ProfileSchemas {
    private static let fields = [
        APIField("id", .id), APIField("display_name", .nullable(.string())), APIField("is_identified", .boolean),
        APIField("created_at", .timestamp), APIField("first_seen_at", .timestamp), APIField("last_seen_at", .timestamp),
        APIField("identified_at", .nullable(.timestamp)), APIField("source_id", .nullable(.id)),
        APIField("event_count", .integer()), APIField("order_count", .integer()),
        APIField("net_spend", .integer(), "In minor units of the workspace's currency."),
        APIField("first_order_at", .nullable(.timestamp)), APIField("last_order_at", .nullable(.timestamp)),
        APIField("stage", .nullable(.words(stages))), APIField("stage_since", .nullable(.timestamp)),
        APIField("tier", .nullable(.string()), "Of who is a member."),
        APIField("rfm_class", .nullable(.string()), "Recency, frequency, monetary above (1) or below (0) the cut."),
        APIField(
            "rfm_scores",
            .object([
                APIField("recency", .integer(0...5)), APIField("frequency", .integer(0...5)),
                APIField("monetary", .integer(0...5)),
            ]), "1 to 5; 0 is not known."),
    ]
    /// The words of `LifecycleStage`.
    static let stages = ["introduction", "growth", "maturity", "decline", "churn"]

    static let profile = APISchema.named("Profile", .object(fields))

    static let detail = APISchema.named(
        "ProfileDetail",
        .object(
            fields + [
                APIField("traits", .map(trait), "By name."), APIField("consent", .map(consent), "By channel."),
                APIField("identities", .array(identity)), APIField("merged_ids", .array(.id)),
                APIField("conflicts", .array(conflict), "Claims that were not linked, and why."),
            ]))

    private static let trait = APISchema.object([
        APIField("value", .any), APIField("changed_at", .timestamp), APIField("class", .words(traitClasses)),
    ])
    static let traitClasses = TraitClass.allCases.map(\.rawValue)
    private static let consent = APISchema.object([
        APIField("is_granted", .boolean), APIField("at", .timestamp), APIField("source", .string()),
    ])
    private static let identity = APISchema.object([
        APIField("kind", .string()), APIField("value", .string()), APIField("source_id", .nullable(.id)),
        APIField("first_seen_at", .timestamp), APIField("is_verified", .boolean),
        APIField("evidence", .string(), "The place in the event log that proved it."),
    ])
    private static let conflict = APISchema.object([
        APIField("kind", .string()), APIField("value", .string()), APIField("reason", .string()),
        APIField("at", .timestamp),
    ])

    static func json(_ profile: Profile) -> [String: JSONValue] {
        [
            "id": JSONValue(id: profile.id), "display_name": JSONValue(profile.displayName),
            "is_identified": .bool(profile.isIdentified), "created_at": JSONValue(milliseconds: profile.createdMS),
            "first_seen_at": JSONValue(milliseconds: profile.firstSeenMS),
            "last_seen_at": JSONValue(milliseconds: profile.lastSeenMS),
            "identified_at": JSONValue(milliseconds: profile.identifiedMS),
            "source_id": JSONValue(optionalID: profile.sourceID), "event_count": .integer(profile.eventCount),
            "order_count": .integer(profile.orderCount), "net_spend": .integer(profile.netSpend),
            "first_order_at": JSONValue(milliseconds: profile.firstOrderMS),
            "last_order_at": JSONValue(milliseconds: profile.lastOrderMS), "stage": JSONValue(profile.stage),
            "stage_since": JSONValue(milliseconds: profile.stageSinceMS), "tier": JSONValue(profile.tier),
            "rfm_class": JSONValue(profile.rfmClass),
            "rfm_scores": [
                "recency": .integer(profile.rfmR), "frequency": .integer(profile.rfmF),
                "monetary": .integer(profile.rfmM),
            ],
        ]
    }

    static func json(_ detail: ProfileDetail, classes: [String: TraitClass]) -> JSONValue {
        var members = json(detail.profile)
        var traits: [String: JSONValue] = [:]
        for (name, entry) in detail.state.traits {
            guard let value = entry.value else { continue }
            traits[name] = [
                "value": value, "changed_at": JSONValue(milliseconds: entry.changedMS),
                "class": .string((classes[name] ?? .basic).rawValue),
            ]
        }
        members["traits"] = .object(traits)
        members["consent"] = .object(
            detail.state.consent.mapValues {
                [
                    "is_granted": .bool($0.isGranted), "at": JSONValue(milliseconds: $0.ms),
                    "source": .string($0.source),
                ]
            })
        members["identities"] = .array(detail.identities.map(json))
        members["merged_ids"] = .array(detail.mergedIDs.map { JSONValue(id: $0) })
        members["conflicts"] = .array(
            detail.conflicts.map {
                [
                    "kind": .string($0.key.kind), "value": .string($0.key.value),
                    "reason": .string($0.reason.rawValue), "at": JSONValue(milliseconds: $0.atMS),
                ]
            })
        return .object(members)
    }

    private static func json(_ identity: ProfileDetail.Identity) -> JSONValue {
        [
            "kind": .string(identity.key.kind), "value": .string(identity.key.value),
            "source_id": JSONValue(optionalID: identity.sourceID),
            "first_seen_at": JSONValue(milliseconds: identity.firstSeenMS),
            "is_verified": .bool(identity.isVerified), "evidence": .string(String(identity.evidence)),
        ]
    }
}
