import Foundation
import Storage

/// A ready journey to begin with: a file in `Playbooks`. What belongs to a workspace (templates, coupons) is chosen in
/// the draft that is made of it.
package struct JourneyPlaybook: Sendable {
    package var code: String
    /// The lifecycle stage that it is for.
    package var stage: String
    private var names: [String: String]
    private var descriptions: [String: String]
    private var definition: JSONValue

    package func name(_ language: CriteriaLanguage) -> String { names[language.rawValue] ?? code }
    package func description(_ language: CriteriaLanguage) -> String { descriptions[language.rawValue] ?? "" }

    /// A draft with the names of its ways in one language.
    package func draft(_ language: CriteriaLanguage) -> JourneyDraft {
        JourneyDraft(
            name: name(language), description: description(language),
            definition: Self.told(definition, language).text())
    }

    /// Throws: `JSONError`.
    init(parsing bytes: [UInt8]) throws {
        let json = try JSONValue(parsing: bytes)
        code = json["code"]?.stringValue ?? ""
        stage = json["stage"]?.stringValue ?? ""
        names = Self.texts(json["name"])
        descriptions = Self.texts(json["description"])
        definition = json["definition"] ?? .null
    }

    private static func texts(_ value: JSONValue?) -> [String: String] {
        (value?.objectValue ?? [:]).compactMapValues(\.stringValue)
    }

    private static func told(_ value: JSONValue, _ language: CriteriaLanguage) -> JSONValue {
        switch value {
        case .array(let elements): return .array(elements.map { told($0, language) })
        case .object(let members):
            if Set(members.keys) == Set(CriteriaLanguage.allCases.map(\.rawValue)) {
                return members[language.rawValue] ?? .null
            }
            return .object(members.mapValues { told($0, language) })
        default: return value
        }
    }
}

/// The playbooks that ship with the program.
package enum JourneyPlaybooks {
    /// In the order of the lifecycle. Throws: `JourneyError.playbookNotFound` when they are not beside the program.
    package static func all() throws -> [JourneyPlaybook] {
        let folder = Bundle.module.bundleURL.appendingPathComponent("Playbooks")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }.sorted { $0.lastPathComponent < $1.lastPathComponent }
        return try files.map { try JourneyPlaybook(parsing: [UInt8](Data(contentsOf: $0))) }
    }

    /// Throws: `JourneyError.playbookNotFound`.
    package static func get(_ code: String) throws -> JourneyPlaybook {
        guard let found = try all().first(where: { $0.code == code }) else {
            throw JourneyError.playbookNotFound(code)
        }
        return found
    }
}

extension Journeys {
    /// A draft made of a playbook; its name gets a number when it is taken. Throws: `JourneyError`, `StorageError`.
    package static func create(
        from playbook: JourneyPlaybook, _ language: CriteriaLanguage, by actor: String, effects: Effects,
        _ connection: any SQLConnection
    ) throws -> Journey {
        var draft = playbook.draft(language)
        let taken = Set(try list(connection).map(\.name))
        var number = 2
        let name = draft.name
        while taken.contains(draft.name) {
            draft.name = "\(name) \(number)"
            number += 1
        }
        return try create(draft, by: actor, effects: effects, connection)
    }
}
