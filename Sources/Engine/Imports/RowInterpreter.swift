/// Turns the rows of one kind of file into events. Three kinds: `ImportedOrders`, `ImportedProfiles`, `ImportedEvents`.
protocol RowInterpreter {
    /// Reads the current row and appends the events that are complete with it; a row may wait for the next ones.
    /// Returns why rows were refused, if any. Throws: `ImportError` when the file cannot go on.
    mutating func read(_ rows: any RowReader, into events: inout [IncomingEvent]) throws(ImportError) -> [RowRefusal]

    /// Appends what still waited at the end of the file.
    mutating func finish(into events: inout [IncomingEvent]) throws(ImportError) -> [RowRefusal]

    /// Whether rows have been read that are in no event and no refusal yet.
    var isWaiting: Bool { get }
}

/// A field's fault, before it is known where the row stands.
struct FieldFault: Error {
    var field: ImportField
    var reason: RefusalReason
    var explanation: String
}
