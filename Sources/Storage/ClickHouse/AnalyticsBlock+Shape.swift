extension AnalyticsBlock {
    /// Throws: `StorageError.unexpectedValue` when columns differ in length.
    func checkShape() throws {
        for (index, column) in columns.enumerated() where column.values.count != count {
            throw StorageError.unexpectedValue(
                column: index, expected: "\(count) values as in \(columns[0].name)",
                found: "\(column.values.count) values in \(table).\(column.name)")
        }
    }
}
