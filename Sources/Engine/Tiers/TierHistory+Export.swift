import Storage

extension TierHistory {
    private static let exported = 10_000

    /// Everything that is known of a person's tiers, for the file that they may ask for. Throws: `StorageError`.
    static func export(of profile: Int64, _ connection: any SQLConnection) throws -> JSONValue {
        guard let member = try TierReview.members(of: [profile], connection).first else { return [] }
        return .array(
            try list(member: member, limit: exported, connection).map { entry in
                let change = entry.change
                return [
                    "at": .string(change.at.iso8601), "from": JSONValue(change.from), "to": .string(change.to),
                    "cause": .string(change.cause.rawValue),
                    "evidence": try JSONValue(parsing: StoredDocument.text(change.evidence)),
                ]
            })
    }
}
