/// What Perennial itself says happened; appended to the log in the transaction that decided it.
package struct SystemEvent: Sendable, Equatable {
    package var name: String
    package var profileID: Int64
    package var time: Timestamp
    /// A JSON object.
    package var properties: String

    package init(name: String, profileID: Int64, time: Timestamp, properties: String) {
        self.name = name
        self.profileID = profileID
        self.time = time
        self.properties = properties
    }
}
