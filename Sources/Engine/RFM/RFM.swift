import Science
import Storage

/// RFM scores every customer by recency, frequency and monetary value and puts them into eight classes.
///
/// Invariants of this room:
/// - A computation is a function of the orders in a window up to an as-of day and of the settings; it writes nothing.
/// - The profiles' `rfm_*` columns are those of the newest `rfm_models` card; only `RFMRefresh` writes them, and a
///   change of class is a `RFM Class Changed` event in the same transaction.
package enum RFM {
    /// Scores and classes of everybody with an order in the window that ends on `asOf` (today when nil).
    ///
    /// One query to the analytics store for every part of the base. Throws: `RFMError`, `StorageError`.
    package static func compute(
        _ platform: Platform, settings: RFMSettings, asOf: Int64? = nil
    ) async throws -> RFMResult {
        try settings.validate()
        let workspace = try await platform.store.read { try Workspace.load($0) }
        let asOf = asOf ?? workspace.calendar.day(of: platform.effects.now())
        let query = RFMQuery(settings: settings, asOf: asOf)
        let customers = try await query.run(platform.analytics, currency: workspace.currency)
        let analysis = RFMAnalysis(
            customers.columns, scoring: settings.scoring, classRule: settings.classRule,
            dimensions: settings.dimensions)
        return RFMResult(asOf: asOf, settings: settings, customers: customers, analysis: analysis)
    }
}
