import Engine
import Foundation
import Testing

@testable import Web

@Suite("Places in a form's document, in its words") struct FormPlaceTests {
    private static let document = #"""
        {"rules":[{"kind":"order_amount"},{"kind":"order_amount","name":"Gold","when":[{"kind":"channel"}]}]}
        """#

    private static func wording(_ language: String) throws -> Wording {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path
        let folder = root + "/Sources/Web/Strings/" + language
        return Wording(catalogue: try StringCatalogue(language: language, folder: folder), workspace: Workspace())
    }

    @Test("rules by name, conditions by number and kind, what nobody named as it is")
    func english() throws {
        let place = FormPlace(Self.document, try Self.wording("en"))
        #expect(place.words("program.rules[1].when[0].values") == "Rule 2 “Gold”, condition 1 “Channels”, values")
        #expect(place.words("program.rules[7].caps[0].times") == "Rule 8, cap 1, Times")
        let inner = "Rule 2 “Gold”, Only members who, condition 3, upper number"
        #expect(place.words("program.rules[1].where.of[2].test.upper") == inner)
        #expect(place.words("where.of[0].ids") == "Who takes part, condition 1, choice")
        #expect(place.words("guardrails[1].event.where[0].value") == "Guardrail 2, Event, where 1, value")
        #expect(place.words("program").isEmpty && place.words("").isEmpty)
        let lost = FormPlace("{", try Self.wording("en"))
        #expect(lost.words("program.rules[1].points") == "Rule 2, Points")
    }

    @Test("conditions on people by number and kind, without their root; what is asked for names its field itself")
    func people() throws {
        let criteria = #"""
            {"where":{"kind":"all","of":[{"kind":"stage","values":["growth"]},
             {"kind":"not","of":{"kind":"stage","values":["grown"]}},{"kind":"any","of":[{"kind":"trait","is":"set"}]}]}}
            """#
        let error = try #require(throws: CriteriaError.self) { try Criteria(parsing: criteria) }
        let english = FormPlace(criteria, try Self.wording("en"), isAllConditions: true).lines(error)
        #expect(english.first?.hasPrefix("Condition 2 “Lifecycle stage”, values: “grown” cannot be chosen") == true)
        #expect(english.last == "Condition 3, condition 1 “Trait”: Enter a trait" && english.count == 2)
        let chinese = FormPlace(criteria, try Self.wording("zh-Hans"), isAllConditions: true).lines(error)
        #expect(chinese.first?.hasPrefix("条件 2 “生命周期阶段”、取值：“grown”不可用") == true)
        #expect(chinese.last == "条件 3、条件 1 “属性”：请填写属性名")
    }

    @Test("rules of scores by their own kinds, and a program's ladder in the ladder's words")
    func scoresAndTiers() throws {
        let model = #"""
            {"rules":[{"id":"a","kind":"event","points":1,"event":{"names":["Seen"]}},{"id":"b","kind":"device"}],
             "thresholds":[{"name":"hot","at":"x"}]}
            """#
        let place = FormPlace(model, try Self.wording("en"))
        #expect(place.words("model.rules[0].cap_per_day") == "Rule 1 “Each event”, at most a day")
        #expect(place.words("model.thresholds[0].at") == "threshold 1 “hot”, at points")
        #expect(place.words("model.grades.b") == "Grades and fading, grade B")
        let program = #"{"tiers":{"tiers":[{"code":"base"},{"code":"gold","names":{"en":"Gold"}}]}}"#
        let faults = CriteriaError(issues: [CriteriaIssue("tiers.tiers.1.rule.weight", .unusable("must be above 0"))])
        let told = FormPlace(program, try Self.wording("en")).lines(faults)
        #expect(told.count == 1 && told[0].hasPrefix("Tier 2 “Gold”, ") && !told[0].contains("tiers."))
    }

    @Test("in Chinese too")
    func chinese() throws {
        let place = FormPlace(Self.document, try Self.wording("zh-Hans"))
        #expect(place.words("program.rules[1].when[0].values") == "规则 2 “Gold”、条件 1 “渠道”、取值")
    }
}
