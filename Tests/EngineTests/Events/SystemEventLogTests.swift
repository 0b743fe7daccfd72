import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Log of system events", .serialized)
struct SystemEventLogTests {
    @Test(
        "what Perennial says is in the log with its outcome and its person, in order, few or many at once",
        arguments: StoreKind.allCases)
    func outcomes(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let platform = Platform.testing(store)
            var person: Int64 = 0
            for count in [1, 3, 40, 2] {
                let events = (0..<count).map { number in
                    let id = person + Int64(number) + 1
                    return SystemEvent(
                        name: "Said", profileID: id, time: Timestamp(milliseconds: id), properties: #"{"n":\#(id)}"#)
                }
                person += Int64(count)
                person += 1
                let last = person
                try await store.write { connection in
                    try SystemEventLog.append(
                        events, now: Timestamp(milliseconds: 9), effects: platform.effects, to: connection)
                    let event = IncomingEvent(
                        kind: .track, name: "Done", messageID: "d\(last)", identities: [],
                        time: Timestamp(milliseconds: last), receivedAt: Timestamp(milliseconds: 9),
                        properties: #"{"n":\#(last)}"#)
                    let position = try SystemEventLog.append(applied: event, of: last, to: connection)
                    #expect(try EventLog.end(connection) == position)
                }
            }
            let rows = try await store.read {
                try $0.query(
                    """
                    SELECT o.profile_id, l.time_ms, l.properties, o.outcome, o.visit
                    FROM event_log l JOIN event_outcomes o ON o.position = l.position ORDER BY l.position
                    """)
            }
            let wanted = (1...person).map { id -> [SQLValue] in
                [.integer(id), .integer(id), .text(#"{"n":\#(id)}"#), .text("stored"), .integer(0)]
            }
            #expect(rows.map(\.values) == wanted)
        }
    }
}
