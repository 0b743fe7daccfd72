import Storage

/// What other rooms ask of tiers.
package enum MemberTiers {
    /// The code of the tier that a person has now; nil of who is no member, and while there are no tiers.
    /// Throws: `StorageError`.
    package static func tier(ofProfile profile: Int64, _ connection: any SQLConnection) throws -> String? {
        try connection.first("SELECT tier FROM profiles WHERE id = \(profile)")?.textOrNil(0)
    }
}
