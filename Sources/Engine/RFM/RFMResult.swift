import Science

/// Everybody's scores and classes under one set of settings, not saved anywhere.
package struct RFMResult: Sendable {
    package let asOf: Int64
    package let settings: RFMSettings
    package let customers: RFMCustomers
    package let analysis: RFMAnalysis

    /// The class code of a row: `101`.
    package func code(row: Int) -> String {
        RFMClass(rawValue: analysis.classes[row]).code(settings.dimensions)
    }

    /// The scores of a row; 0 for a dimension that is not used.
    package func scores(row: Int) -> (recency: UInt8, frequency: UInt8, monetary: UInt8) {
        func score(_ scores: [UInt8]) -> UInt8 { scores.isEmpty ? 0 : scores[row] }
        return (
            score(analysis.recencyScores), score(analysis.frequencyScores), score(analysis.monetaryScores)
        )
    }

    /// The people behind a figure: a page of ids, by ascending id.
    /// - Parameters:
    ///   - after: the last id of the page before.
    package func people(in selection: RFMSelection, after: Int64 = 0, limit: Int = 50) -> [Int64] {
        var found: [Int64] = []
        for row in 0..<customers.count where customers.ids[row] > after {
            let (recency, frequency, monetary) = scores(row: row)
            guard selection.recency ?? recency == recency, selection.frequency ?? frequency == frequency,
                selection.monetary ?? monetary == monetary, selection.code.map({ $0 == code(row: row) }) ?? true
            else { continue }
            found.append(customers.ids[row])
            if found.count == limit { break }
        }
        return found
    }
}

/// A cell of the grid, a score or a class; what is nil does not matter.
package struct RFMSelection: Sendable, Equatable {
    package var recency: UInt8?
    package var frequency: UInt8?
    package var monetary: UInt8?
    package var code: String?

    package init(recency: UInt8? = nil, frequency: UInt8? = nil, monetary: UInt8? = nil, code: String? = nil) {
        self.recency = recency
        self.frequency = frequency
        self.monetary = monetary
        self.code = code
    }
}
