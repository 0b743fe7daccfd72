/// One forward step of a schema: a numbered file `0001_events.sql`, statements separated by `;` at line ends.
///
/// Operational files are the portable subset with these tokens, rendered per dialect:
/// `{id}` a 64-bit primary key that numbers itself, `{blob}` bytes, `{without_rowid}` SQLite's clustered table.
/// Analytics files use the tokens that `AnalyticsStore.migrate` documents.
package struct Migration: Sendable, Equatable {
    package var version: Int
    package var name: String
    package var statements: String

    package init(version: Int, name: String, statements: String) {
        self.version = version
        self.name = name
        self.statements = statements
    }
}
