/// What is wrong with how mail is set up.
package enum EmailError: Error, Sendable, Equatable {
    case notSetUp
    case badHost(String)
    case badPort(Int)
    case badAddress(field: String, String)
    case badDomain(field: String, String)
    case badSelector(String)
    /// OpenSSL did not make or read a key.
    case badKey
    /// A name or password with signs that cannot be sent.
    case badText(field: String)
    /// The kept password would go to another host, or in the clear: it has to be entered again.
    case passwordAgain
    /// No mailbox is set up that letters come back to.
    case noMailbox
    case badFolder(String)
    /// Minutes between two looks into the mailbox.
    case badInterval(Int64)
}

package enum EmailLimits {
    package static let connections = 4
    package static let nameCharacters = 80
    package static let textBytes = 500
    /// Bytes of a bounce or complaint that are read.
    package static let reportBytes = 1_000_000
}
