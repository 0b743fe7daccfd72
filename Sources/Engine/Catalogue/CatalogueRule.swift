/// What a value can do against the catalogue. Violations are counted, never a reason to drop an event.
package enum CatalogueRule: String, Sendable, Codable, CaseIterable {
    case wrongType = "wrong_type"
    case missing
    case blocked
    case tooMany = "too_many"
    case tooLong = "too_long"
    case outOfRange = "out_of_range"
}

/// The type of a value as the catalogue knows it.
package enum FieldType: String, Sendable, Codable, CaseIterable {
    case string, integer, number, boolean, datetime, list, object

    /// Whether a value of this type is one of the declared type: every integer is a number, every time a string.
    package func satisfies(_ declared: FieldType) -> Bool {
        self == declared || (self == .integer && declared == .number) || (self == .datetime && declared == .string)
    }
}

/// The three classes of traits (PRODUCT.md): static, derived from behaviour, and circumstances of life.
package enum TraitClass: String, Sendable, Codable, CaseIterable {
    case basic, behaviour, life
}

package enum CatalogueLimits {
    /// Fields of one event name; more are counted as `too_many` and not listed.
    static let fieldsPerOwner = 500
    /// Event names of one workspace.
    static let eventNames = 2_000
    static let exampleCharacters = 100
    static let nameCharacters = 200
}
