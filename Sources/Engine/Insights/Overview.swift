import Science
import Storage

/// The brand at a glance: a period beside the one before. docs/metrics.md defines every figure.
package struct Overview: Sendable, Codable, Equatable {
    package var period: ReportPeriod
    package var timeZone: String
    package var currency: String
    package var now: Figures
    package var before: Figures
    /// One entry a day of the period, days without anything included; the same for the period compared with.
    package var days: [Day]
    package var daysBefore: [Day]

    /// Sums over one period; money in minor units.
    package struct Figures: Sendable, Codable, Equatable {
        /// Living profiles first seen by the end of the period.
        package var people: Int64 = 0
        package var new: Int64 = 0
        /// Of `people`, those with a known identity by the end of the period.
        package var identified: Int64 = 0
        package var active: Int64 = 0
        package var orders: Int64 = 0
        package var revenue: Int64 = 0
        package var buyers: Int64 = 0
        package var repeatBuyers: Int64 = 0

        /// Average order value in minor units, rounded half up; nil without orders.
        package var averageOrder: Int64? {
            orders > 0 ? Int64((Double(revenue) / Double(orders)).rounded()) : nil
        }
        /// Share of the period's buyers with an earlier purchase; nil without buyers.
        package var repurchaseRate: Double? {
            buyers > 0 ? Double(repeatBuyers) / Double(buyers) : nil
        }
    }

    package struct Day: Sendable, Codable, Equatable {
        package var day: String
        package var orders: Int64 = 0
        package var revenue: Int64 = 0
        package var new: Int64 = 0
    }
}

extension Overview {
    /// Reads everything from the analytics store, beside the period before or another one. Throws: `StorageError`.
    package static func make(
        _ platform: Platform, period: ReportPeriod, against other: ReportPeriod? = nil
    ) async throws -> Overview {
        let other = other ?? period.before
        let workspace = try await platform.store.read { try Workspace.load($0) }
        let queries = OverviewQueries(analytics: platform.analytics, timeZone: workspace.timeZone)
        return Overview(
            period: period, timeZone: workspace.timeZone, currency: workspace.currency,
            now: try await queries.figures(period), before: try await queries.figures(other),
            days: try await queries.days(period), daysBefore: try await queries.days(other))
    }
}
