import Foundation
import Testing

@testable import Science

@Suite("RFM")
struct RFMTests {
    let names: [String]
    let columns: RFMColumns
    let expected: [String: Any]

    init() throws {
        let asOf = try Vectors.day("2006-12-31")
        var rows: [String: (last: Int64, orders: Int64, cents: Int64)] = [:]
        for line in try Vectors.table("rfm/orders.csv") {
            let cents = Int64(((Double(line[2]) ?? .nan) * 100).rounded())
            var row = rows[line[0]] ?? (0, 0, 0)
            row = (max(row.last, try Vectors.day(line[1])), row.orders + 1, row.cents + cents)
            rows[line[0]] = row
        }
        let sorted = rows.sorted { $0.key < $1.key }
        names = sorted.map(\.key)
        columns = RFMColumns(
            recency: sorted.map { asOf - $0.value.last }, frequency: sorted.map(\.value.orders),
            monetary: sorted.map(\.value.cents), monetaryUnit: 100)
        expected = try Vectors.json("rfm/expected.json")
    }

    private func published(_ path: String...) -> Any? {
        path.reduce(expected as Any?) { ($0 as? [String: Any])?[$1] }
    }

    private func quintiles() -> RFMAnalysis {
        RFMAnalysis(columns, scoring: .valueQuintiles, classRule: .rawMean)
    }

    @Test("cut points are those of the R package")
    func cutPoints() throws {
        let analysis = quintiles()
        for (dimension, name, unit) in [(RFMDimension.recency, "r", 1.0), (.frequency, "f", 1), (.monetary, "m", 100)] {
            let wanted = try #require(published("r_package_rfm_0.3.0", "thresholds", name) as? [Double])
            let found = try #require(analysis.cuts[dimension]).map { $0 / unit }
            #expect(zip(found, wanted).allSatisfy { abs($0 - $1) < 1e-9 })
            #expect(found.count == wanted.count)
        }
    }

    @Test("every score is held by as many customers as in the R package")
    func counts() throws {
        let analysis = quintiles()
        for (dimension, name) in [(RFMDimension.recency, "R"), (.frequency, "F"), (.monetary, "M")] {
            let wanted = try #require(published("r_package_rfm_0.3.0", "counts", name) as? [Int])
            #expect((1...5).map { score in analysis.scores(of: dimension).count { $0 == score } } == wanted)
        }
    }

    @Test("single customers have the published values and scores")
    func customers() throws {
        let analysis = quintiles()
        let wanted = try #require(published("r_package_rfm_0.3.0", "first5") as? [String: [Int]])
        for (name, figures) in wanted {
            let row = try #require(names.firstIndex(of: name))
            let found = [
                Int(columns.recency[row]), Int(columns.frequency[row]), Int(columns.monetary[row] / 100),
                Int(analysis.recencyScores[row]), Int(analysis.frequencyScores[row]), Int(analysis.monetaryScores[row]),
            ]
            #expect(found == figures)
        }
    }

    @Test("the grid's mean spend and the named segments agree with the R package")
    func segments() throws {
        let analysis = quintiles()
        var cells: [Int: (sum: Double, people: Double)] = [:]
        var people: [String: Int] = [:]
        var champions = [0, 0, 0]
        for row in names.indices {
            let (r, f, m) = (analysis.recencyScores[row], analysis.frequencyScores[row], analysis.monetaryScores[row])
            let cell = cells[Int(r) * 10 + Int(f)] ?? (0, 0)
            cells[Int(r) * 10 + Int(f)] = (cell.sum + Double(columns.monetary[row]) / 100, cell.people + 1)
            let name = RFMSegment.standard.first { $0.holds(r, f, m) }?.name ?? RFMSegment.others
            people[name, default: 0] += 1
            if name == "Champions" {
                champions[0] += 1
                champions[1] += Int(columns.frequency[row])
                champions[2] += Int(columns.monetary[row] / 100)
            }
        }
        let means = cells.values.reduce(0) { $0 + $1.sum / $1.people }
        let wanted = try #require(published("r_package_rfm_0.3.0", "heatmap_mean_sum") as? Double)
        #expect(abs(means - wanted) < 1e-6)
        #expect(people == published("r_package_rfm_0.3.0", "segments_test") as? [String: Int])
        #expect(champions == published("r_package_rfm_0.3.0", "champions") as? [Int])
    }

    @Test(
        "the eight classes have the published sizes",
        arguments: [
            (RFMClassRule.rawMean, "raw_mean (bit = better than the mean)", "means"),
            (.rawMedian, "raw_median_ge (F,M >= median, R < median)", "medians"),
        ])
    func classes(rule: RFMClassRule, table: String, cuts: String) throws {
        let analysis = RFMAnalysis(columns, scoring: .valueQuintiles, classRule: rule)
        var sizes: [String: Int] = [:]
        for raw in analysis.classes { sizes[RFMClass(rawValue: raw).code(), default: 0] += 1 }
        #expect(sizes == published("eight_classes", table) as? [String: Int])
        let wanted = try #require(published("eight_classes", cuts) as? [String: Double])
        for (dimension, name, unit) in [(RFMDimension.recency, "r", 1.0), (.frequency, "f", 1), (.monetary, "m", 100)] {
            #expect(abs((analysis.classCuts[dimension] ?? 0) / unit - (wanted[name] ?? -1)) < 1e-9)
        }
    }

    @Test("the 1:2:7 pyramid has the published levels")
    func pyramid() throws {
        let levels = Pyramid(values: columns.monetary, shares: [1, 2, 7]).levels
        let total = Double(columns.monetary.reduce(0, +))
        let wanted = try #require(published("pyramid by monetary, ceiling cut", "1:2:7") as? [String: Any])
        #expect(levels.map(\.people) == wanted["n"] as? [Int])
        #expect(levels.prefix(2).map { Int($0.cut / 100) } == wanted["cuts"] as? [Int])
        let shares = try #require(wanted["revenue_share"] as? [Double])
        #expect(zip(levels, shares).allSatisfy { abs(Double($0.total) / total - $1) < 5e-6 })
    }

    @Test("NTILE groups are equal by row and keep equal values together when asked")
    func ntile() {
        let small = RFMColumns(
            recency: [1, 2, 3, 4, 5, 6, 7], frequency: [1, 1, 1, 1, 2, 2, 9], monetary: [7, 6, 5, 4, 3, 2, 1],
            monetaryUnit: 100)
        let byRow = RFMAnalysis(small, scoring: .ntile(ties: .byRow), classRule: .scoreMean)
        #expect(byRow.recencyScores == [5, 4, 3, 2, 2, 1, 1])
        #expect(byRow.frequencyScores == [1, 1, 2, 2, 3, 4, 5])
        #expect(byRow.monetaryScores == [5, 4, 3, 2, 2, 1, 1])
        let together = RFMAnalysis(small, scoring: .ntile(ties: .together), classRule: .scoreMean)
        #expect(together.frequencyScores == [1, 1, 1, 1, 3, 3, 5])
        #expect(together.recencyScores == byRow.recencyScores)
    }

    @Test("fixed cut points, fixed class cuts and fewer dimensions are honoured")
    func fixed() {
        let small = RFMColumns(
            recency: [10, 30, 400], frequency: [9, 2, 1], monetary: [90_000, 100, 0], monetaryUnit: 100)
        let analysis = RFMAnalysis(
            small,
            scoring: .fixed(recency: [30, 90, 180, 365], frequency: [2, 3, 5, 8], monetary: [100, 1e4, 5e4, 1e5]),
            classRule: .fixedCuts(recencyDays: 30, frequency: 2, monetary: 5_000),
            dimensions: [.recency, .frequency])
        #expect(analysis.recencyScores == [5, 4, 1])
        #expect(analysis.frequencyScores == [5, 2, 1])
        #expect(analysis.monetaryScores == [])
        #expect(analysis.classes.map { RFMClass(rawValue: $0).code([.recency, .frequency]) } == ["11-", "11-", "00-"])
    }

    @Test("nobody and one person are no special case")
    func edges() {
        let none = RFMColumns(recency: [], frequency: [], monetary: [], monetaryUnit: 100)
        let one = RFMColumns(recency: [3], frequency: [1], monetary: [500], monetaryUnit: 100)
        for scoring in [RFMScoring.valueQuintiles, .ntile(ties: .byRow), .ntile(ties: .together)] {
            #expect(RFMAnalysis(none, scoring: scoring, classRule: .rawMedian).classes == [])
            #expect(RFMAnalysis(one, scoring: scoring, classRule: .rawMean).classes == [0])
        }
    }
}
