import Testing

@testable import Engine

@Suite("Journey definitions")
struct JourneyDefinitionTests {
    private func issues(_ steps: [JSONValue], more: [String: JSONValue] = [:]) throws -> [String] {
        let definition = try JourneyDefinition(json: JourneyHarness.definition(steps, more: more))
        return definition.issues(JourneyWorld()).map { "\($0.node) \($0.code)" }
    }

    @Test("reads what it writes, with every kind of node")
    func roundTrip() throws {
        let steps: [JSONValue] = [
            ["id": "a", "kind": "wait", "amount": 2, "unit": "days"],
            ["id": "b", "kind": "wait_window", "from_hour": 9, "to_hour": 21, "weekdays": [1, 2]],
            ["id": "c", "kind": "wait_date", "trait": "birthday", "yearly": true],
            [
                "id": "d", "kind": "wait_event", "amount": 3, "unit": "days",
                "paths": [["name": "paid", "event": ["names": ["Order Completed"]], "steps": []]],
                "otherwise": [["id": "e", "kind": "exit"]],
            ],
            [
                "id": "f", "kind": "branch",
                "paths": [["name": "vip", "where": ["kind": "stage", "values": ["growth"]], "steps": []]],
                "otherwise": [],
            ],
            [
                "id": "g", "kind": "split",
                "paths": [["name": "A", "weight": 1, "steps": []], ["name": "B", "weight": 3, "steps": []]],
            ],
            ["id": "h", "kind": "holdout", "percent": 10],
            [
                "id": "i", "kind": "message", "template": "5", "topic": "offers", "amount": 1, "unit": "days",
                "paths": [["name": "opened", "outcome": "opened", "steps": []]], "otherwise": [],
            ],
            ["id": "j", "kind": "points", "currency": "points", "amount": 5],
            ["id": "k", "kind": "coupon", "coupon": "7"], ["id": "l", "kind": "tag", "tag": "8"],
            ["id": "m", "kind": "trait", "trait": "x", "value": 3],
            ["id": "n", "kind": "list", "segment": "9", "action": "remove"],
            ["id": "o", "kind": "webhook", "webhook": "10"], ["id": "p", "kind": "goal"],
            ["id": "r", "kind": "task", "title": "Call", "role": "service", "mail": true, "amount": 2, "unit": "days"],
            [
                "id": "s", "kind": "experiment", "experiment": "11",
                "paths": [["name": "A", "variant": "a", "steps": []]], "otherwise": [],
            ],
            ["id": "q", "kind": "jump", "to": "a"],
        ]
        let read = try JourneyDefinition(json: JourneyHarness.definition(steps))
        let again = try JourneyDefinition(parsing: read.text)
        #expect(again.text == read.text)
        var kinds: Set<String> = []
        read.visit { step, _ in kinds.insert(step.kind) }
        #expect(kinds == Set(NodeCatalog.all.map { $0.kind }))
    }

    @Test("says at which node something is wrong")
    func flaws() throws {
        #expect(throws: JourneyError.self) {
            try JourneyDefinition(json: JourneyHarness.definition([["id": "a", "kind": "wait", "amount": 0]]))
        }
        do {
            _ = try JourneyDefinition(
                json: JourneyHarness.definition([
                    ["id": "a", "kind": "dance"], ["id": "b", "kind": "branch", "paths": []],
                    ["id": "c", "kind": "wait", "amount": 1, "unit": "days", "colour": "red"],
                ]))
            Issue.record("nothing was refused")
        } catch JourneyError.invalid(let issues) {
            #expect(issues.map(\.node) == ["a", "b", "c"])
            #expect(issues.map(\.code) == ["unknown_choice", "missing", "unknown_field"])
        }
        #expect(try issues([]) == [" empty"])
        #expect(try issues([["id": "a", "kind": "exit"], ["id": "b", "kind": "goal"]]) == ["b unreachable"])
        #expect(try issues([["id": "a", "kind": "jump", "to": "z"]]) == ["a unknown_node"])
        #expect(
            try issues([["id": "a", "kind": "goal"], ["id": "b", "kind": "jump", "to": "a"]]) == ["a endless"])
        #expect(
            try issues([
                ["id": "a", "kind": "wait", "amount": 1, "unit": "days"], ["id": "b", "kind": "jump", "to": "a"],
            ]) == [])
        #expect(try issues([["id": "a", "kind": "goal"], ["id": "a", "kind": "exit"]]).contains("a twice"))
        #expect(
            try issues([
                [
                    "id": "a", "kind": "task", "title": "Call",
                    "paths": [
                        ["name": "Done", "answer": "done", "steps": []],
                        ["name": "Again", "answer": "done", "steps": []],
                    ], "otherwise": [],
                ]
            ]) == ["a twice"])
        #expect(
            try issues([
                ["id": "a", "kind": "points", "currency": "gold", "amount": 1],
                ["id": "b", "kind": "coupon", "coupon": "1"], ["id": "c", "kind": "list", "segment": "1"],
                ["id": "d", "kind": "message", "template": "1"],
            ]) == ["a unknown_choice", "b unusable", "c unknown_segment", "d unusable"])
    }

    @Test("a draft keeps what was drawn while something is missing, and refuses what is no drawing")
    func drawn() throws {
        let whole = JourneyHarness.definition([["id": "w", "kind": "wait", "amount": 2, "unit": "days"]]).text()
        #expect(try JourneyDefinition.drawn(whole) == JourneyDefinition(parsing: whole).text)
        let drawing = JourneyHarness.definition([
            ["id": "w", "kind": "wait", "unit": "days"],
            ["id": "b", "kind": "branch", "paths": [["name": "vip", "steps": [["id": "m", "kind": "message"]]]]],
        ])
        #expect(try JourneyDefinition.drawn(drawing.text()) == drawing.text())
        let missing = try JourneyDefinition.issues(of: drawing.text(), JourneyWorld())
        #expect(Set(missing.map(\.node)) == ["w", "b", "m"] && missing.allSatisfy { !$0.isOfShape })
        let step: JSONValue = ["id": "a", "kind": "exit"]
        let refused: [String] = [
            "{", "[]", "{}", #"{"entry":{"kind":"api"},"steps":{}}"#, #"{"entry":7,"steps":[]}"#,
            JourneyHarness.definition([step], more: ["colour": "red"]).text(),
            JourneyHarness.definition([step], more: ["version": 9]).text(),
            JourneyHarness.definition([["id": "a", "kind": "dance"]]).text(),
            JourneyHarness.definition([["kind": "wait"]]).text(), JourneyHarness.definition([7]).text(),
            String(repeating: "[", count: 1_000), String(repeating: " ", count: JourneyLimits.bytes + 1),
        ]
        for text in refused {
            #expect(throws: JourneyError.self, "\(text.prefix(80))") { try JourneyDefinition.drawn(text) }
        }
    }

    @Test("every playbook reads in both languages and goes somewhere")
    func playbooks() throws {
        let books = try JourneyPlaybooks.all()
        #expect(books.count == 15 && Set(books.map(\.code)).count == 15)
        for book in books {
            for language in CriteriaLanguage.allCases {
                let definition = try JourneyDefinition(parsing: book.draft(language).definition)
                let shape = definition.issues(JourneyWorld()).filter {
                    ["unreachable", "endless", "twice", "unknown_node", "empty"].contains($0.code)
                }
                #expect(shape == [], "\(book.code)")
                var isHeldOut = false
                definition.visit { step, _ in isHeldOut = isHeldOut || step.node is HoldoutNode }
                #expect(isHeldOut, "\(book.code)")
                #expect(!book.name(language).isEmpty && !book.description(language).isEmpty)
            }
        }
    }
}
