import Engine

/// The route table as an OpenAPI 3.1 document.
enum OpenAPIDocument {
    static func text(_ routes: [APIRoute]) -> String {
        var paths: [String: JSONValue] = [:]
        var components: [String: JSONValue] = ["Problem": problem.document()]
        for route in routes {
            var item = paths[route.path]?.objectValue ?? [:]
            item[route.method.rawValue.lowercased()] = operation(route)
            paths[route.path] = .object(item)
            var schemas = [route.response] + route.parameters.map(\.schema)
            switch route.body {
            case .json(let schema), .stream(let schema, _): schemas.append(schema)
            case .none: break
            }
            for schema in schemas { components.merge(schema.components()) { first, _ in first } }
        }
        let document: JSONValue = [
            "openapi": "3.1.0",
            "info": [
                "title": "Perennial", "version": "1",
                "description": "Collect events, know people, orders, RFM and lifecycle. Errors are RFC 9457 problems.",
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": "/"]],
            "tags": .array(tags(routes).map { ["name": .string($0)] }),
            "paths": .object(paths),
            "components": [
                "schemas": .object(components),
                "securitySchemes": [
                    "secretKey": ["type": "http", "scheme": "bearer", "description": "A secret key: pk_…"],
                    "writeKey": [
                        "type": "http", "scheme": "basic", "description": "The write key of a source as user name.",
                    ],
                ],
            ],
        ]
        return document.text()
    }

    static func tags(_ routes: [APIRoute]) -> [String] {
        var seen: [String] = []
        for route in routes where !seen.contains(route.tag) { seen.append(route.tag) }
        return seen
    }

    private static let problem = APISchema.object(
        [
            APIField("type", .string()), APIField("title", .string()), APIField("status", .integer(400...599)),
            APIField("detail", .string()), APIField("code", .string(), "A stable word for programs."),
            .optional(
                "errors", .array(.object([APIField("place", .string()), APIField("message", .string())])),
                "Each thing that is wrong, and where."),
        ], isOpen: true)

    private static func operation(_ route: APIRoute) -> JSONValue {
        var members: [String: JSONValue] = [
            "operationId": .string(route.operation), "summary": .string(route.summary),
            "tags": [.string(route.tag)], "responses": responses(route), "security": security(route.access),
        ]
        var parameters = route.parameters.map(parameter)
        if route.isIdempotent { parameters.append(idempotencyKey) }
        if route.isConditional { parameters.append(ifMatch) }
        if !parameters.isEmpty { members["parameters"] = .array(parameters) }
        switch route.body {
        case .none: break
        case .json(let schema):
            members["requestBody"] = [
                "required": true, "content": ["application/json": ["schema": schema.document()]],
            ]
        case .stream(let schema, let types):
            let content = types.map { ($0, ["schema": schema.document()] as JSONValue) }
            members["requestBody"] = [
                "required": true, "content": .object(Dictionary(content) { first, _ in first }),
            ]
        }
        return .object(members)
    }

    private static func parameter(_ parameter: APIParameter) -> JSONValue {
        var members: [String: JSONValue] = [
            "name": .string(parameter.name), "in": .string(parameter.place.rawValue),
            "required": .bool(parameter.isRequired), "schema": parameter.schema.document(),
        ]
        if !parameter.note.isEmpty { members["description"] = .string(parameter.note) }
        return .object(members)
    }

    private static let idempotencyKey: JSONValue = [
        "name": "Idempotency-Key", "in": "header", "required": false,
        "schema": ["type": "string", "minLength": 1, "maxLength": JSONValue(IdempotentAnswers.keyCharacters)],
        "description": .string(
            "A repeat with the same key and request within \(IdempotentAnswers.keepHours) hours gets the first answer "
                + "and does nothing."),
    ]

    private static let ifMatch: JSONValue = [
        "name": "If-Match", "in": "header", "required": false,
        "schema": ["type": "string", "pattern": #"^(\*|"[0-9a-f]{16}"(, ?"[0-9a-f]{16}")*)$"#],
        "description":
            "The revision that the change was made against, as `ETag` had it; 412 when it is another by now.",
    ]

    private static let eTag: JSONValue = [
        "ETag": ["description": "The revision, for `If-Match`.", "schema": ["type": "string"]]
    ]

    private static func responses(_ route: APIRoute) -> JSONValue {
        var responses: [String: JSONValue] = [
            "default": [
                "description": "A problem.",
                "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
            ]
        ]
        for status in route.statuses {
            var done: [String: JSONValue] = [
                "description": status == route.status
                    ? "Done." : "It was done before, under the same natural key: the answer of the first time.",
                "content": .object([route.responseType: ["schema": route.response.document()]]),
            ]
            if route.isRevised { done["headers"] = eTag }
            responses[String(status.code)] = .object(done)
        }
        let problem = responses["default"] ?? .null
        for code in ["400", "404", "413", "415", "422", "503"] { responses[code] = problem }
        if route.access != .open {
            responses["401"] = problem
            responses["403"] = problem
        }
        if route.isIdempotent { responses["409"] = problem }
        if route.isConditional { responses["412"] = problem }
        return .object(responses)
    }

    private static func security(_ access: APIRoute.Access) -> JSONValue {
        switch access {
        case .open: return []
        case .scope(let scope): return [["secretKey": [.string(scope.rawValue)]]]
        case .scopes(let one, let other):
            return [["secretKey": [.string(one.rawValue), .string(other.rawValue)]]]
        case .scopeOrWriteKey(let scope): return [["secretKey": [.string(scope.rawValue)]], ["writeKey": []]]
        }
    }
}
