import Storage

/// Merges the parts of the analytics store's orders once a night, before the models are learnt: over many parts `FINAL`
/// merges them anew in every query, and what lies in one merged part can be read without it (`OrderParts`).
package enum OrderCompaction {
    package static let handler = JobHandler(kind: "compact_orders", schedule: .daily(hour: 2, minute: 40)) { context in
        try await context.platform.analytics.execute("OPTIMIZE TABLE {data orders} FINAL")
        return "{}"
    }
}
