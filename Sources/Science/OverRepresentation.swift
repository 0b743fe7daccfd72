/// Is something more common in a part than in the whole it was taken from?
///
/// The number of people with it in a part drawn blindly follows the hypergeometric distribution (Feller: “An Introduction
/// to Probability Theory”, volume I, II.6); `z` is how many of its standard deviations the part is away from its mean.
package struct OverRepresentation: Sendable, Equatable {
    package var share: Double
    package var shareOfAll: Double
    /// The one over the other; 0 when nobody has it.
    package var lift: Double
    /// Above 0: more than chance gives. 0 where chance has no room.
    package var z: Double

    /// `having` of the `part` people in it, and `havingOfAll` of all the `people`.
    package init(having: Int64, part: Int64, havingOfAll: Int64, people: Int64) {
        let (drawn, all) = (Double(part), Double(people))
        share = part > 0 ? Double(having) / drawn : 0
        shareOfAll = people > 0 ? Double(havingOfAll) / all : 0
        lift = shareOfAll > 0 ? share / shareOfAll : 0
        let variance =
            people > 1 ? drawn * shareOfAll * (1 - shareOfAll) * (all - drawn) / (all - 1) : 0
        z = variance > 0 ? (Double(having) - drawn * shareOfAll) / variance.squareRoot() : 0
    }
}
