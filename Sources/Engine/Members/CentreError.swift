/// Why something about the member centre was refused. Nothing was changed.
package enum CentreError: Error, Sendable, Equatable {
    /// It is turned off, or this part of it.
    case off
    /// Never given, used already, revoked, or too old.
    case linkNotValid
    case linkNotFound(Int64)
    /// A setting that cannot be used, and why.
    case invalid(field: String, reason: String)
    case tooMany(what: String, limit: Int)
    case keyNotFound(String)
    /// A check that the brand's token fails: `form`, `alg`, `key`, `signature`, `exp`, `aud`, `sub`, `used`, ….
    case badToken(String)
    /// The token is good and the person no member.
    case notMember
    /// Who only looks does nothing.
    case preview
    case throttled(seconds: Int64)
    /// There is nobody who can be given points under what was typed; why is not told.
    case noRecipient
    /// A field of a form is missing or cannot be read.
    case form(field: String)
}

/// Bounds of the member centre.
package enum CentreLimits {
    package static let nameCharacters = 60
    package static let audienceBytes = 200
    package static let causes = 20
    package static let causeCharacters = 60
    package static let keys = 10
    package static let keyNameCharacters = 60
    package static let secretBytes = 32...512
    package static let pemBytes = 8_192
    package static let linkHours = 1...8_760
    /// For how long after its end a link is listed.
    package static let linkKeptDays = 90
    package static let sessionHours = 1...720
    /// How long staff may look on.
    package static let previewMinutes = 30
    /// Living links of one member.
    package static let links = 50
    /// Sessions of one member; the oldest goes.
    package static let sessions = 20
    /// The brand's token, from now to its end.
    package static let tokenMinutes = 60
    package static let tokenBytes = 8_192
    package static let clockSkewSeconds: Int64 = 60
    /// A form's own key.
    package static let keyBytes = 8...64
    package static let recipientBytes = 254
}
