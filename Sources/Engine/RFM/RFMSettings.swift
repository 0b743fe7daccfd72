import Science
import Storage

/// How the workspace looks at its customers; kept under the settings name `rfm`.
package struct RFMSettings: Sendable, Codable, Equatable {
    /// Orders of so many days up to the as-of day count; nil: all orders.
    package var windowDays: Int?
    package var scoring: RFMScoring
    package var classRule: RFMClassRule
    package var monetary: RFMMonetary
    package var dimensions: Set<RFMDimension>

    package init(
        windowDays: Int? = nil, scoring: RFMScoring = .valueQuintiles, classRule: RFMClassRule = .rawMean,
        monetary: RFMMonetary = .netSpend, dimensions: Set<RFMDimension> = Set(RFMDimension.allCases)
    ) {
        self.windowDays = windowDays
        self.scoring = scoring
        self.classRule = classRule
        self.monetary = monetary
        self.dimensions = dimensions
    }

    static let name = "rfm"
    package static let windowDaysMax = 3_660
}

/// What monetary means.
package enum RFMMonetary: String, Sendable, Codable, CaseIterable {
    /// Net of returns, all orders together.
    case netSpend = "net_spend"
    /// Net spend divided by orders, rounded half up to whole minor units.
    case averageOrder = "average_order"
}

extension RFMSettings {
    private enum CodingKeys: String, CodingKey {
        case windowDays, scoring, classRule, monetary, dimensions
    }

    /// A set has no order of its own: in that of the cases, equal settings have equal texts, and one revision.
    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encodeIfPresent(windowDays, forKey: .windowDays)
        try fields.encode(scoring, forKey: .scoring)
        try fields.encode(classRule, forKey: .classRule)
        try fields.encode(monetary, forKey: .monetary)
        try fields.encode(RFMDimension.allCases.filter(dimensions.contains), forKey: .dimensions)
    }

    /// The saved settings, or the defaults. Throws: `StorageError`, `DecodingError`.
    package static func load(_ connection: any SQLConnection) throws -> RFMSettings {
        try Settings.load(RFMSettings.self, name, connection) ?? RFMSettings()
    }

    /// Throws: `RFMError` naming the first setting that cannot be used, `StorageError`.
    package func save(_ connection: any SQLConnection, at now: Timestamp) throws {
        try validate()
        try Settings.save(self, RFMSettings.name, connection, at: now)
    }

    /// Throws: `RFMError` naming the first setting that cannot be used.
    package func validate() throws {
        if let windowDays, !(1...RFMSettings.windowDaysMax).contains(windowDays) {
            throw RFMError.window(days: windowDays)
        }
        if dimensions.isEmpty { throw RFMError.noDimension }
        if case .fixed(let recency, let frequency, let monetary) = scoring {
            for (dimension, cuts) in [
                (RFMDimension.recency, recency), (.frequency, frequency), (.monetary, monetary),
            ] where dimensions.contains(dimension) {
                let ascends = zip(cuts, cuts.dropFirst()).allSatisfy { $0 < $1 }
                guard cuts.count == RFMScoring.cutPoints, ascends, cuts.allSatisfy(\.isFinite) else {
                    throw RFMError.cutPoints(dimension)
                }
            }
        }
        if case .fixedCuts(let recency, let frequency, let monetary) = classRule {
            guard recency.isFinite, frequency.isFinite, monetary.isFinite else { throw RFMError.classCuts }
        }
    }
}

/// A setting of RFM that cannot be used.
package enum RFMError: Error, Sendable, Equatable {
    /// Between 1 and `RFMSettings.windowDaysMax` days.
    case window(days: Int)
    /// At least one of recency, frequency, monetary.
    case noDimension
    /// Four finite ascending numbers.
    case cutPoints(RFMDimension)
    /// Three finite numbers.
    case classCuts
}
