// Imports: files of orders, profiles or events become the same `IncomingEvent`s that collectors hand over.
//
// A file is read front to back in bounded memory: `ImportSource` (gzip, encoding) → `CSVReader` or `JSONLinesReader`
// (records) → `ImportedOrders`, `ImportedProfiles` or `ImportedEvents` (events) → `ImportRun` (batches to the log).
// Invariants: a row is either in a batch or in the error file, never neither; message ids depend on what a row says
// and not on the file it stands in, so that importing twice, or again after a kill, adds nothing.

/// What the rows of a file are.
package enum ImportKind: String, Sendable, Codable, CaseIterable {
    /// Purchases: every row an order or a line of one; become `Order Completed`.
    case orders
    /// People: every row one person with traits; become `Identify`.
    case profiles
    /// Members of another program: who, since when, which tier, which balances; every row a person or a lot of theirs.
    case members
    /// Anything that happened; every row is one event with its name.
    case events
}
