/// Does a score tell who will act? People in ten equal parts by their score, with how many of each acted afterwards.
///
/// The lift of a part is its rate over the rate of all (Berry, Linoff: “Data Mining Techniques”, chapter on lift and
/// gains). People with the same score share what their common places hold, so that the order of the input never
/// matters. `auc` is the chance that somebody who acted had the higher score than somebody who did not, ties counting
/// half (Mann and Whitney 1947; Hanley and McNeil 1982).
package struct DecileLift: Sendable, Equatable {
    package struct Part: Sendable, Equatable {
        /// 1: the highest scores.
        package var number: Int
        package var people: Double
        package var acted: Double
        package var meanScore: Double
        package var rate: Double
        package var lift: Double
    }

    package var parts: [Part]
    package var people: Int
    package var acted: Int
    package var rate: Double
    /// Nil when everybody acted or nobody.
    package var auc: Double?

    package static let count = 10

    package init(_ scored: [(score: Double, acted: Bool)]) {
        people = scored.count
        acted = scored.reduce(0) { $0 + ($1.acted ? 1 : 0) }
        rate = people > 0 ? Double(acted) / Double(people) : 0
        parts = []
        auc = nil
        guard people > 0 else { return }
        // Groups of equal scores, highest first.
        let ordered = scored.sorted { $0.score > $1.score }
        var groups: [(score: Double, people: Double, acted: Double)] = []
        for one in ordered {
            if let last = groups.last, last.score == one.score {
                groups[groups.count - 1].people += 1
                groups[groups.count - 1].acted += one.acted ? 1 : 0
            } else {
                groups.append((one.score, 1, one.acted ? 1 : 0))
            }
        }
        auc = DecileLift.auc(groups, people: Double(people), acted: Double(acted))
        let size = Double(people) / Double(DecileLift.count)
        var place = 0
        var left = groups[0].people
        for number in 1...DecileLift.count {
            var (need, took, hits, sum) = (size, 0.0, 0.0, 0.0)
            while need > 1e-9, place < groups.count {
                let part = min(need, left)
                let group = groups[place]
                took += part
                hits += group.acted * part / group.people
                sum += group.score * part
                need -= part
                left -= part
                if left <= 1e-9 {
                    place += 1
                    if place < groups.count { left = groups[place].people }
                }
            }
            guard took > 0 else { continue }
            parts.append(
                Part(
                    number: number, people: took, acted: hits, meanScore: sum / took, rate: hits / took,
                    lift: rate > 0 ? hits / took / rate : 0))
        }
    }

    private static func auc(
        _ groups: [(score: Double, people: Double, acted: Double)], people: Double, acted: Double
    ) -> Double? {
        let others = people - acted
        guard acted > 0, others > 0 else { return nil }
        var (above, wins) = (0.0, 0.0)
        for group in groups {
            let idle = group.people - group.acted
            wins += idle * (above + group.acted / 2)
            above += group.acted
        }
        return wins / (acted * others)
    }
}
