/// A parameter in the path or the query of an endpoint.
package struct APIParameter: Sendable {
    package enum Place: String, Sendable {
        case path, query
    }

    package var name: String
    package var place: Place
    package var schema: APISchema
    package var note: String
    package var isRequired: Bool

    package static func path(_ name: String, _ schema: APISchema = .id, _ note: String = "") -> APIParameter {
        APIParameter(name: name, place: .path, schema: schema, note: note, isRequired: true)
    }

    package static func query(
        _ name: String, _ schema: APISchema, _ note: String = "", required: Bool = false
    ) -> APIParameter {
        APIParameter(name: name, place: .query, schema: schema, note: note, isRequired: required)
    }

    /// `cursor` and `limit` of a list.
    package static let paging: [APIParameter] = [
        .query(
            "cursor", .string(min: 1, max: APICursor.characters),
            "Where the page begins: `next_cursor` of the one before."),
        .query(
            "limit", .integer(1...Int64(APICursor.pageMax)), "Items on a page; \(APICursor.pageDefault) unless told."),
    ]
}
