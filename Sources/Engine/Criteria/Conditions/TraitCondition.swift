import Storage

/// A trait of the profile: `{"kind": "trait", "name": "city", "is": "equals", "values": ["北京"]}`.
package struct TraitCondition: CriteriaCondition {
    package static let kind = "trait"
    package static let form = CriteriaForm(
        "profile", "属性", "Trait", [.init("name", "trait"), .init("test", "test")])

    package var name: String
    package var test: ValueTest

    package init(_ reader: CriteriaReader) {
        name = reader.text("name")
        test = ValueTest(reader, dates: true)
    }

    package var json: [String: JSONValue] { test.json.merging(["name": .string(name)]) { $1 } }
    package var dependsOnTime: Bool { test.dependsOnTime }

    package var claim: CriteriaClaim { CriteriaClaim("trait \(name)", test.claimed) }

    package func holds(for subject: CriteriaSubject, _ clock: CriteriaClock) -> Bool {
        subject.traits.contains(name) { test.passes($0, clock) }
    }

    package func sql(_ compiler: inout CriteriaCompiler) -> AnalyticsSQL {
        let inner = test.sql(text: "t", number: "v", date: "d", compiler.clock)
        return compiler.profile(
            """
            arrayExists((n, t, v, d) -> n = \(name) AND \(inner), trait_names, trait_texts, trait_numbers, trait_dates)
            """)
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        "\(name) \(test.words(phrases.language))"
    }

    package func finding(_ subject: CriteriaSubject, _ clock: CriteriaClock, _ phrases: CriteriaPhrases) -> String {
        let found = zip(subject.traits.names, subject.traits.values).filter { $0.0 == name }.map(\.1.text)
        guard !found.isEmpty else { return phrases.language("没有值", "no value") }
        return found.prefix(5).joined(separator: phrases.language("、", ", "))
    }

    package func check(_ world: CriteriaWorld, _ note: (_ field: String, CriteriaIssue.Reason) -> Void) {
        let owner = name.split(separator: ".").first.map(String.init) ?? name
        guard world.traits[name] != nil || world.traits[owner] != nil else {
            return note("name", .unknownTrait(name))
        }
        guard world.declaredTraits.contains(name), let type = world.traits[name] else { return }
        let fits: Bool
        let wanted: String
        switch test {
        case .set, .text: return
        case .number:
            (fits, wanted) = ([.integer, .number, .list, .string].contains(type), "number")
        case .truth: (fits, wanted) = ([.boolean, .list, .string, .integer].contains(type), "boolean")
        case .date: (fits, wanted) = ([.datetime, .list, .string, .integer].contains(type), "datetime")
        }
        if !fits { note("is", .traitOfOtherType(name, declared: type.rawValue, wanted: wanted)) }
    }
}
