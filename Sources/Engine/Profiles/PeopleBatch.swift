import Storage

// Interim surface so that the processor compiles; the people room replaces this file with the real PeopleBatch.
struct PeopleContext {
    static func load(_ connection: any SQLConnection, platform: Platform, now: Timestamp) throws -> PeopleContext {
        PeopleContext()
    }
}

struct PeopleBatch {
    init(loading events: [LoggedEvent], context: PeopleContext, _ connection: any SQLConnection) throws {}

    mutating func apply(_ event: LoggedEvent) throws -> (profileID: Int64, outcome: EventOutcome) { (0, .stored) }

    mutating func save(to connection: any SQLConnection) throws -> [SystemEvent] { [] }
}
