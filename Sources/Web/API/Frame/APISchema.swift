import Engine

/// The shape of a value in requests and answers. The same value is written into the OpenAPI document and checks what
/// comes in, so that the two cannot differ.
package indirect enum APISchema: Sendable {
    case string(min: Int = 0, max: Int? = nil)
    /// An identifier: digits in a string.
    case id
    /// `2026-11-22T17:01:47.562Z`.
    case timestamp
    /// `2026-11-22`.
    case day
    case integer(ClosedRange<Int64>? = nil)
    case number
    case boolean
    case words([String])
    case array(APISchema, count: ClosedRange<Int> = 0...10_000)
    /// Members beyond the named ones are refused unless `isOpen`.
    case object([APIField], isOpen: Bool = false)
    /// Any member names, all of one shape.
    case map(APISchema)
    case any
    case nullable(APISchema)
    case anyOf([APISchema])
    /// Shown under `#/components/schemas`.
    case named(String, APISchema)
}

/// One member of an object.
package struct APIField: Sendable {
    package var name: String
    package var schema: APISchema
    package var isRequired: Bool
    package var note: String

    package init(_ name: String, _ schema: APISchema, _ note: String = "", required: Bool = true) {
        self.name = name
        self.schema = schema
        self.isRequired = required
        self.note = note
    }

    /// A member that may be missing.
    package static func optional(_ name: String, _ schema: APISchema, _ note: String = "") -> APIField {
        APIField(name, schema, note, required: false)
    }
}

extension APISchema {
    /// A page of a list: the items, and the cursor of the next page or null.
    package static func page(of item: APISchema) -> APISchema {
        .object([
            APIField("items", .array(item)),
            APIField("next_cursor", .nullable(.string()), "Pass as `cursor` for the next page; null on the last."),
        ])
    }
}
