import Storage

/// One template to the people of a segment.
package struct Broadcast: Sendable, Equatable {
    package enum Status: String, Sendable, CaseIterable {
        case draft
        /// For a second user.
        case waiting
        /// Its people are being written down, from the moment it starts.
        case planning
        case sending
        /// Nothing of it waits any more.
        case finished
        case stopped
    }

    package var id: Int64
    package var name: String
    package var segmentID: Int64
    package var templateID: Int64
    package var status: Status
    package var starts: Timestamp
    /// 0: as fast as the channel goes.
    package var perMinute: Int64
    package var holdoutPermille: Int64
    package var salt: String
    package var planned: Int64
    package var heldOut: Int64
    package var createdAt: Timestamp
    package var createdBy: String
    package var startedAt: Timestamp?
    package var stoppedAt: Timestamp?
    /// Whose go first, at which hour, by which way round.
    package var choices: MessageChoices

    static let columns = """
        id, name, segment_id, template_id, status, starts_ms, per_minute, holdout_permille, salt, planned, held_out, \
        created_ms, created_by, started_ms, stopped_ms, priority, timing, fallbacks
        """

    init(row: SQLRow) throws {
        id = try row.int(0)
        name = try row.text(1)
        segmentID = try row.int(2)
        templateID = try row.int(3)
        status = Status(rawValue: try row.text(4)) ?? .draft
        starts = Timestamp(milliseconds: try row.int(5))
        perMinute = try row.int(6)
        holdoutPermille = try row.int(7)
        salt = try row.text(8)
        planned = try row.int(9)
        heldOut = try row.int(10)
        createdAt = Timestamp(milliseconds: try row.int(11))
        createdBy = try row.text(12)
        startedAt = try row.intOrNil(13).map(Timestamp.init(milliseconds:))
        stoppedAt = try row.intOrNil(14).map(Timestamp.init(milliseconds:))
        choices = MessageChoices(
            priority: try row.int(15), timing: MessageChoices.Timing(rawValue: try row.text(16)) ?? .due,
            fallbacks: try row.textOrNil(17).map(MessageChoices.ids))
    }

    /// Whether a person gets nothing, for comparison: the same each time it is asked.
    package func holdsOut(_ profileID: Int64) -> Bool {
        holdoutPermille > 0
            && Assignment.bucket(salt: Assignment.salt(of: salt), profile: profileID, of: 1_000) < holdoutPermille
    }

    package struct Draft: Sendable, Equatable {
        package var name: String
        package var segmentID: Int64
        package var templateID: Int64
        /// Nil: at once.
        package var starts: Timestamp?
        package var perMinute: Int64
        package var holdoutPermille: Int64
        package var choices: MessageChoices

        package init(
            name: String, segmentID: Int64, templateID: Int64, starts: Timestamp? = nil, perMinute: Int64 = 0,
            holdoutPermille: Int64 = 0, choices: MessageChoices = MessageChoices()
        ) {
            self.name = name
            self.segmentID = segmentID
            self.templateID = templateID
            self.starts = starts
            self.perMinute = perMinute
            self.holdoutPermille = holdoutPermille
            self.choices = choices
        }
    }
}

package enum BroadcastError: Error, Sendable, Equatable {
    case notFound(Int64)
    case badName
    case unknownSegment(Int64)
    case unknownTemplate(Int64)
    /// The template has no version in force.
    case notPublished
    case badThrottle(limit: Int64)
    case badHoldout(limit: Int64)
    case badStart
    case badPriority
    /// A template that cannot be tried after the first.
    case badFallback(Int64)
    /// What it is, and so cannot do this.
    case wrongStatus(Broadcast.Status)
}

package enum BroadcastLimits {
    package static let nameCharacters = 80
    package static let perMinute: Int64 = 1_000_000
    package static let holdoutPermille: Int64 = 500
    static let peoplePerWrite = 1_000
}
