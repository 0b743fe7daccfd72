import Storage

/// Merges the parts of the analytics store's orders once a night, before the models are learnt: `FINAL` over one merged
/// part costs nothing, over many it merges them anew in every query.
package enum OrderCompaction {
    package static let handler = JobHandler(kind: "compact_orders", schedule: .daily(hour: 2, minute: 40)) { context in
        try await context.platform.analytics.execute("OPTIMIZE TABLE {data orders} FINAL")
        return "{}"
    }
}
