import Engine

extension APISchema {
    static let idPattern = "^[1-9][0-9]{0,18}$"

    /// The schema as OpenAPI 3.1 (JSON Schema 2020-12); named schemas become references.
    func document() -> JSONValue {
        switch self {
        case .string(let min, let max):
            var members: [String: JSONValue] = ["type": "string"]
            if min > 0 { members["minLength"] = JSONValue(min) }
            if let max { members["maxLength"] = JSONValue(max) }
            return .object(members)
        case .id: return ["type": "string", "pattern": .string(Self.idPattern), "examples": ["1524157875019052"]]
        case .timestamp: return ["type": "string", "format": "date-time"]
        case .day: return ["type": "string", "format": "date"]
        case .integer(let range):
            var members: [String: JSONValue] = ["type": "integer", "format": "int64"]
            if let range {
                members["minimum"] = .integer(range.lowerBound)
                members["maximum"] = .integer(range.upperBound)
            }
            return .object(members)
        case .number: return ["type": "number"]
        case .boolean: return ["type": "boolean"]
        case .words(let words): return ["type": "string", "enum": .array(words.map { .string($0) })]
        case .array(let element, let count):
            return [
                "type": "array", "items": element.document(), "minItems": JSONValue(count.lowerBound),
                "maxItems": JSONValue(count.upperBound),
            ]
        case .object(let fields, let isOpen): return Self.object(fields, isOpen: isOpen)
        case .map(let element): return ["type": "object", "additionalProperties": element.document()]
        case .any: return [:]
        case .nullable(let inner): return Self.nullable(inner.document())
        case .anyOf(let choices): return ["anyOf": .array(choices.map { $0.document() })]
        case .named(let name, _): return ["$ref": .string("#/components/schemas/" + name)]
        }
    }

    /// The named schemas inside this one, by name.
    func components() -> [String: JSONValue] {
        switch self {
        case .array(let inner, _), .map(let inner), .nullable(let inner): return inner.components()
        case .anyOf(let choices):
            return choices.reduce(into: [:]) { $0.merge($1.components()) { first, _ in first } }
        case .object(let fields, _):
            return fields.reduce(into: [:]) { $0.merge($1.schema.components()) { first, _ in first } }
        case .named(let name, let inner):
            return inner.components().merging([name: inner.document()]) { first, _ in first }
        default: return [:]
        }
    }

    private static func object(_ fields: [APIField], isOpen: Bool) -> JSONValue {
        var properties: [String: JSONValue] = [:]
        for field in fields {
            var schema = field.schema.document()
            if !field.note.isEmpty, case .object(var members) = schema {
                members["description"] = .string(field.note)
                schema = .object(members)
            }
            properties[field.name] = schema
        }
        var members: [String: JSONValue] = ["type": "object", "properties": .object(properties)]
        let required = fields.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { members["required"] = .array(required) }
        if !isOpen { members["additionalProperties"] = false }
        return .object(members)
    }

    private static func nullable(_ schema: JSONValue) -> JSONValue {
        guard case .object(var members) = schema, case .string(let type)? = members["type"] else {
            return ["anyOf": [schema, ["type": "null"]]]
        }
        members["type"] = [.string(type), "null"]
        if case .array(let words)? = members["enum"] { members["enum"] = .array(words + [.null]) }
        return .object(members)
    }
}
