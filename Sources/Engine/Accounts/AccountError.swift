/// What a person can do wrong with accounts, each said so that it can be mended.
package enum AccountError: Error, Sendable, Equatable {
    /// Not of the form `name@place`, or longer than `AccountLimits.emailCharacters`.
    case badEmail(String)
    case emailTaken(String)
    case badName
    /// Shorter or longer than `AccountLimits` allow.
    case badPassword(minimumCharacters: Int)
    case wrongPassword
    case unknownRole(String)
    case unknownUser
    /// The change would leave nobody who can manage users.
    case lastAdministrator
    /// Never issued, used already, or too old.
    case linkNotValid
    case linkTooOften
    /// Not the code that the authenticator app shows now, and no unused recovery code.
    case wrongCode
    /// The workspace wants everybody to have a second factor.
    case twoFactorRequired
}

/// The bounds of accounts.
package enum AccountLimits {
    package static let emailCharacters = 254
    package static let nameCharacters = 80
    package static let passwordMinimumCharacters = 10
    package static let passwordMaximumBytes = 1024
    /// A session ends after this long without a request, and in any case after `sessionDays`.
    package static let sessionIdleHours = 24
    package static let sessionDays = 14
    /// A session's last-seen time is written at most this often.
    package static let sessionSeenSeconds = 60
    package static let linkHours = 24
    package static let invitationDays = 7
    /// Wrong passwords in a row before an account, or an address, has to wait.
    package static let failuresByAccount = 5
    package static let failuresByAddress = 20
    package static let firstWaitSeconds = 30
    package static let longestWaitSeconds = 3600
    /// Wrong passwords are forgotten after this long without another.
    package static let failureMemoryHours = 6
    /// How long the second factor may take after the first.
    package static let challengeMinutes = 10
    package static let recoveryCodes = 10
    package static let auditPageRows = 100
}
