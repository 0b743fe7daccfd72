/// A number beside what it counts, as English says it: `1 point`, `2 points`.
///
/// The one place for texts that are put together here; the console's own texts have their plurals beside them.
package enum EnglishCount {
    /// `one`: the noun after exactly 1; `many`: after every other number, `one` with an s where it is left out.
    package static func text(_ count: Int64, _ one: String, _ many: String? = nil) -> String {
        "\(count) \(noun(count, one, many))"
    }

    /// The noun alone, for a number that is written otherwise.
    package static func noun(_ count: Int64, _ one: String, _ many: String? = nil) -> String {
        count == 1 ? one : many ?? one + "s"
    }

    /// A currency's own name after an amount of it. A brand chooses the name: only one that ends in “points” has another
    /// form after exactly 1.
    package static func name(_ name: String, afterOne isOne: Bool) -> String {
        isOne && name.lowercased().hasSuffix("points") ? String(name.dropLast()) : name
    }
}
