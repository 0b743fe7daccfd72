import Science
import Storage

/// The figures of one computation: the grid of recency and frequency, the scores, the eight classes.
package struct RFMReport: Sendable, Codable, Equatable {
    /// `2006-12-31`.
    package var asOf: String
    package var settings: RFMSettings
    package var currency: String
    package var people: Int
    package var orders: Int64
    /// Net of returns, in minor units.
    package var revenue: Int64
    package var dimensions: [Dimension]
    /// 25 cells by recency score, then frequency score; empty unless both dimensions are used.
    package var grid: [Cell]
    package var classes: [Group]

    package struct Dimension: Sendable, Codable, Equatable {
        package var dimension: RFMDimension
        /// Where the next score's bin begins, ascending: days, orders or minor units.
        package var cuts: [Double]
        /// What "high" was compared with.
        package var classCut: Double
        /// People with score 1, 2, … 5.
        package var people: [Int]
    }

    package struct Cell: Sendable, Codable, Equatable {
        package var recency: Int
        package var frequency: Int
        package var people: Int = 0
        package var revenue: Int64 = 0
        /// Sum of the monetary values of the cell; divided by the people it is the mean that is shown.
        package var monetary: Int64 = 0

        /// Mean monetary value in minor units, 0 without people.
        package var meanMonetary: Double { people == 0 ? 0 : Double(monetary) / Double(people) }
    }

    package struct Group: Sendable, Codable, Equatable {
        package var code: String
        package var chinese: String
        package var english: String
        package var people: Int = 0
        package var orders: Int64 = 0
        package var revenue: Int64 = 0
    }
}

extension RFMReport {
    /// The report of the workspace's settings, or of others that are only tried. Throws: `RFMError`, `StorageError`.
    package static func make(
        _ platform: Platform, settings: RFMSettings? = nil, asOf: Int64? = nil
    ) async throws -> RFMReport {
        let (workspace, saved) = try await platform.store.read { connection in
            (try Workspace.load(connection), try RFMSettings.load(connection))
        }
        let result = try await RFM.compute(platform, settings: settings ?? saved, asOf: asOf)
        return RFMReport(result, currency: workspace.currency)
    }

    /// Counts a computation.
    package init(_ result: RFMResult, currency: String) {
        let columns = result.customers.columns
        let analysis = result.analysis
        asOf = LocalCalendar.text(ofDay: result.asOf)
        settings = result.settings
        self.currency = currency
        people = columns.count
        orders = columns.frequency.reduce(0, +)
        revenue = result.customers.netSpend.reduce(0, +)
        dimensions = RFMDimension.allCases.filter(result.settings.dimensions.contains).map { dimension in
            var counts = [Int](repeating: 0, count: RFMScoring.scores)
            for score in analysis.scores(of: dimension) { counts[Int(score) - 1] += 1 }
            return Dimension(
                dimension: dimension, cuts: analysis.cuts[dimension] ?? [],
                classCut: analysis.classCuts[dimension] ?? 0, people: counts)
        }
        grid = RFMReport.grid(result)
        classes = RFMReport.groups(result)
    }

    private static func grid(_ result: RFMResult) -> [Cell] {
        let recency = result.analysis.recencyScores
        let frequency = result.analysis.frequencyScores
        guard recency.count == result.customers.count, frequency.count == result.customers.count else { return [] }
        let scores = RFMScoring.scores
        var cells = (0..<scores * scores).map { Cell(recency: $0 / scores + 1, frequency: $0 % scores + 1) }
        for row in 0..<result.customers.count {
            let index = (Int(recency[row]) - 1) * scores + Int(frequency[row]) - 1
            cells[index].people += 1
            cells[index].revenue += result.customers.netSpend[row]
            cells[index].monetary += result.customers.columns.monetary[row]
        }
        return cells
    }

    private static func groups(_ result: RFMResult) -> [Group] {
        var byBits = [Group](repeating: Group(code: "", chinese: "", english: ""), count: 8)
        for row in 0..<result.customers.count {
            let bits = Int(result.analysis.classes[row])
            byBits[bits].people += 1
            byBits[bits].orders += result.customers.columns.frequency[row]
            byBits[bits].revenue += result.customers.netSpend[row]
        }
        let dimensions = result.settings.dimensions
        let bitsByCode = Dictionary(
            byBits.indices.map { (RFMClass(rawValue: UInt8($0)).code(dimensions), $0) }, uniquingKeysWith: min)
        return RFMClassName.codes(dimensions).map { code in
            var group = bitsByCode[code].map { byBits[$0] } ?? Group(code: "", chinese: "", english: "")
            group.code = code
            group.chinese = RFMClassName.chinese(code)
            group.english = RFMClassName.english(code)
            return group
        }
    }
}
