import Testing

@testable import Engine

@Suite("Traits")
struct TraitEntryTests {
    enum Change: Sendable {
        case set(JSONValue?, Int64)
        case once(JSONValue, Int64)
        case add(Int64, Int64)
        case append(JSONValue, Int64)

        func apply(to entry: inout TraitEntry) {
            switch self {
            case .set(let value, let ms): entry.set(value, at: ms)
            case .once(let value, let ms): entry.setOnce(value, at: ms)
            case .add(let amount, let ms): entry.increment(by: .integer(amount), at: ms)
            case .append(let value, let ms): entry.append(value, at: ms)
            }
        }
    }

    private static func value(_ changes: [Change]) -> JSONValue? {
        var entry = TraitEntry()
        for change in changes { change.apply(to: &entry) }
        return entry.value
    }

    @Test("the newest set wins, the oldest set-once counts only while nothing is set")
    func sets() {
        #expect(Self.value([.set(.string("b"), 2), .set(.string("a"), 1)]) == .string("b"))
        #expect(Self.value([.once(.string("late"), 2), .once(.string("early"), 1)]) == .string("early"))
        #expect(Self.value([.once(.string("once"), 1), .set(.string("set"), 5)]) == .string("set"))
        #expect(Self.value([.set(.string("gone"), 1), .set(nil, 2)]) == nil)
    }

    @Test("increments add to what was set before them and are outdated by what is set after")
    func increments() {
        #expect(Self.value([.add(2, 5), .set(.integer(10), 3), .add(1, 4)]) == .integer(13))
        #expect(Self.value([.add(2, 5), .set(.integer(10), 6)]) == .integer(10))
        #expect(Self.value((1...100).map { .add(1, $0) }) == .integer(100))
    }

    @Test("appended values are kept once each")
    func appends() {
        let changes: [Change] = [.append(.string("tea"), 1), .append(.string("cup"), 2), .append(.string("tea"), 3)]
        #expect(Self.value(changes)?.arrayValue?.count == 2)
    }

    @Test("any order of the same changes gives the same value", arguments: 0..<200 as Range<UInt64>)
    func permutations(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let changes = (0..<12).map { _ -> Change in
            let ms = Int64.random(in: 0..<8, using: &generator)
            let number = Int64.random(in: 0..<4, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: return .set(number == 0 ? nil : .integer(number), ms)
            case 1: return .once(.integer(number), ms)
            default: return .add(number, ms)
            }
        }
        let expected = Self.value(changes)
        for _ in 0..<10 {
            #expect(Self.value(changes.shuffled(using: &generator)) == expected)
        }
    }

    @Test("two halves of a history merge into the whole, whichever side is first", arguments: 0..<100 as Range<UInt64>)
    func merges(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var halves = (TraitEntry(), TraitEntry())
        var whole = TraitEntry()
        for _ in 0..<10 {
            let ms = Int64.random(in: 0..<8, using: &generator)
            let number = Int64.random(in: 1..<4, using: &generator)
            let change: Change = Bool.random(using: &generator) ? .set(.integer(number), ms) : .add(number, ms)
            change.apply(to: &whole)
            if Bool.random(using: &generator) { change.apply(to: &halves.0) } else { change.apply(to: &halves.1) }
        }
        #expect(halves.0.merged(with: halves.1).value == whole.value)
        #expect(halves.1.merged(with: halves.0).value == whole.value)
    }

    @Test("the document comes back as it was written")
    func document() throws {
        var state = ProfileState()
        let traits: [String: JSONValue] = ["name": .string("林梅"), "tags": .array([.integer(1)]), "gone": .null]
        _ = TraitFold.apply(traits, .set, at: PeopleHarness.start, source: "Site", to: &state) { _ in false }
        _ = TraitFold.apply(["n": .number(1.5)], .increment, at: PeopleHarness.start, source: "", to: &state) { _ in
            false
        }
        _ = TraitFold.apply(["l": .string("x")], .append, at: PeopleHarness.start, source: "", to: &state) { _ in false
        }
        _ = TraitFold.apply(["sms_consent": .bool(true)], .set, at: PeopleHarness.start, source: "S", to: &state) { _ in
            false
        }
        state.identityCounts["user_id"] = 1
        #expect(try ProfileState(parsing: state.text()) == state)
        #expect(state.consent["sms"]?.isGranted == true)
        #expect(DisplayName.of(state) == "林梅")
    }
}
