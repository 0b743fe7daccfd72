import ArgumentParser
import Engine
import Foundation
import Storage

/// `perennial bench journeys`: people taken through a journey, durable and exactly once.
struct BenchJourneys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journeys",
        abstract: "Take people through a journey and count their steps.",
        discussion: """
            Everybody comes in by an event, gets a tag, waits, is dealt to one of two ways, gets a message planned, waits
            again, and loses the tag. A step is one person taken on, from one wait to the next.

            EXAMPLES
              perennial bench journeys --people 20000
              perennial bench journeys --store postgres://localhost/bench --json
            """)

    @Option(help: "A fresh PostgreSQL database in place of a file that is thrown away.")
    var store: String?
    @Option(help: "How many people.")
    var people = 20_000
    @Flag(help: "Print one JSON object instead of text.")
    var json = false

    private static let event = "Bench Entered"

    private struct Found: Sendable {
        var entering = 0.0
        var steps: [Double] = []
        var messages: Int64 = 0
        var ended: Int64 = 0
        var nodes: Int64 = 0
    }

    func run() async throws {
        let found = try await BenchStore.with(store) { platform, clock in
            let audience = BenchAudience(platform: platform, people: people)
            try await audience.fill()
            try await publish(platform, template: try await audience.template("inbox"))
            try await tell(platform)
            let journeys = JourneyService(platform: platform)
            var found = Found()
            found.entering = try await BenchStore.seconds { try await journeys.catchUp() }
            for _ in 0..<2 {
                clock.advance(days: 1)
                found.steps.append(try await BenchStore.seconds { try await journeys.catchUp() })
            }
            (found.messages, found.ended, found.nodes) = try await Self.count(platform)
            return found
        }
        let stepsPerSecond = found.steps.map { Double(people) / $0 }
        let whole = 2 * Double(people) / found.steps.reduce(0, +)
        let isWhole = found.messages == Int64(people) && found.ended == Int64(people)
        if json {
            print(
                """
                {"people":\(people),"steps_per_second":\(Int(whole)),\
                "nodes_per_second":\(Int(Double(found.nodes) / (found.entering + found.steps.reduce(0, +)))),\
                "entered_per_second":\(Int(Double(people) / found.entering)),\
                "message_steps_per_second":\(Int(stepsPerSecond[0])),"last_steps_per_second":\(Int(stepsPerSecond[1])),\
                "whole":\(isWhole)}
                """)
        } else {
            print(
                """
                \(Int(Double(people) / found.entering))/s came in and took their first step
                \(Int(whole)) steps/s: \(Int(stepsPerSecond[0]))/s that plan a message, \
                \(Int(stepsPerSecond[1]))/s that end the way
                \(found.nodes) nodes passed, \(found.messages) messages planned, \(found.ended) ways ended
                """)
        }
        if !isWhole { throw ExitCode(1) }
    }

    private func publish(_ platform: Platform, template: Int64) async throws {
        let effects = platform.effects
        try await platform.store.write { connection in
            let tag = try Tags.create(TagDraft(name: "On the way"), effects: effects, connection).id
            let definition: JSONValue = [
                "version": 1, "entry": ["kind": "event", "event": ["names": [.string(Self.event)]]],
                "reentry": ["kind": "never"],
                "steps": [
                    ["id": "give", "kind": "tag", "tag": JSONValue(id: tag), "action": "add"],
                    ["id": "wait", "kind": "wait", "amount": 1, "unit": "days"],
                    [
                        "id": "split", "kind": "split",
                        "paths": [
                            ["name": "a", "weight": 1, "steps": []], ["name": "b", "weight": 1, "steps": []],
                        ],
                    ],
                    ["id": "say", "kind": "message", "template": JSONValue(id: template)],
                    ["id": "again", "kind": "wait", "amount": 1, "unit": "days"],
                    ["id": "take", "kind": "tag", "tag": JSONValue(id: tag), "action": "remove"],
                ],
            ]
            let journey = try Journeys.create(
                JourneyDraft(name: "Bench", definition: definition.text()), by: "bench", effects: effects, connection)
            _ = try Journeys.publish(journey.id, .stay, by: "bench", effects: effects, connection)
        }
    }

    /// What lets everybody in, as Perennial itself says things.
    private func tell(_ platform: Platform) async throws {
        let (effects, people) = (platform.effects, people)
        for first in stride(from: 1, through: people, by: 5_000) {
            let numbers = first...min(first + 4_999, people)
            try await platform.store.write { connection in
                let now = effects.now()
                try SystemEventLog.append(
                    numbers.map {
                        SystemEvent(
                            name: Self.event, profileID: Int64($0), time: now, properties: "{\"order_id\":\"o\($0)\"}")
                    }, now: now, effects: effects, to: connection)
            }
        }
        try await Processor(platform: platform, signal: LogSignal()).catchUp()
    }

    private static func count(_ platform: Platform) async throws -> (Int64, Int64, Int64) {
        try await platform.store.read { connection in
            func count(_ sql: SQL) throws -> Int64 { try connection.first(sql)?.int(0) ?? 0 }
            return (
                try count("SELECT count(*) FROM messages"),
                try count("SELECT count(*) FROM journey_runs WHERE ending = 'finished'"),
                try count("SELECT count(*) FROM journey_visits")
            )
        }
    }
}
