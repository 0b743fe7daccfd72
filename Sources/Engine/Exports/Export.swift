import Storage

/// A list that somebody asked for as a file: written in the background, handed out for some days, then forgotten.
///
/// The file lies in the operational store in compressed parts, so that any process may go on writing it after a crash
/// and any process may hand it out. A part and the place from which the next one goes on are one transaction.
package struct Export: Sendable, Equatable {
    package var id: Int64
    package var request: ExportRequest
    package var name: String
    package var jobID: Int64
    package var status: JobStatus
    package var progress: JobProgress
    /// Why it failed, for people.
    package var error: String?
    package var rows: Int64
    /// Of the text, as it is handed out.
    package var bytes: Int64
    package var parts: Int64
    /// Where it goes on; only its writer understands it.
    var checkpoint: String
    package var createdAt: Timestamp
    /// The user who asked; 0 for a key of the API.
    package var createdBy: Int64
    package var finishedAt: Timestamp?
    package var expiresAt: Timestamp
}

/// What is exported. Kept as it was asked for, so that the file can be explained.
package struct ExportRequest: Sendable, Equatable, Codable {
    package var list: ListName
    /// The words of `ProfileQuery` or `OrderQuery`.
    package var query: [Word]
    /// Keys of `ExportColumns`, in order.
    package var columns: [String]

    package struct Word: Sendable, Equatable, Codable {
        package var name: String
        package var value: String
    }

    package init(list: ListName, query: [(name: String, value: String)], columns: [String]) {
        self.list = list
        self.query = query.filter { !$0.value.isEmpty }.map { Word(name: $0.name, value: $0.value) }
        self.columns = columns
    }

    package var words: [(name: String, value: String)] { query.map { ($0.name, $0.value) } }
}

/// The columns that a file may have, by list.
package enum ExportColumns {
    package static let people =
        ["profile_id", "name", "is_identified"] + identities + [
            "stage", "rfm_class", "orders", "net_spend", "first_order", "last_order", "first_seen", "last_seen",
            "source",
        ] + Consent.channels.map { "consent_" + $0 }
    package static let orders = [
        "order_id", "profile_id", "name", "status", "ordered_at", "currency", "gross", "refunded", "net", "pieces",
        "store",
        "channel", "source",
    ]
    package static let audit = ["id", "at", "actor", "actor_name", "action", "subject", "detail", "hash"]
    /// Kinds of identities, each a column with the values parted by blanks.
    static let identities = ["user_id", "member_id", "phone", "email", "wechat_unionid"]

    package static func all(of list: ListName) -> [String] {
        switch list {
        case .people: people
        case .orders: orders
        case .audit: audit
        case .reports: []
        }
    }
}

/// What can be wrong with a request about an export.
package enum ExportError: Error, Sendable, Equatable {
    case notFound(id: Int64)
    case unknownColumn(String)
    /// As many as one person may have running.
    case tooMany(limit: Int)
    case notFinished(id: Int64)
    /// A part cannot be decompressed: a fault in the store.
    case damaged(id: Int64)
}

package enum ExportLimits {
    package static let keepDays = 7
    /// Exports of one person that wait or run at once.
    package static let running = 3
    package static let pageRows = 100
    /// Rows looked at for one part.
    static let partRows = 2_000
    /// Expired exports forgotten in one round.
    static let forgottenRound = 100
}
