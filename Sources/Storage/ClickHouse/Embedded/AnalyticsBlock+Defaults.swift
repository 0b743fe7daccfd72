extension AnalyticsBlock {
    /// The block with the columns that it leaves out, each holding its type's default as a server would fill it in.
    ///
    /// - Parameter columns: names and types of the table, in order. Columns of a type that is not known stay out.
    func completed(with columns: [(name: String, type: String)]) -> AnalyticsBlock {
        let given = Set(self.columns.map(\.name))
        var result = self
        for column in columns where !given.contains(column.name) {
            if let values = AnalyticsColumn(defaultsOf: column.type, count: count) {
                result.columns.append((column.name, values))
            }
        }
        return result
    }
}

extension AnalyticsColumn {
    /// So many defaults of a ClickHouse type: zeros, empty texts, empty arrays.
    init?(defaultsOf type: String, count: Int) {
        switch type {
        case "UInt8": self = .uint8(Array(repeating: 0, count: count))
        case "UInt16", "Date": self = .uint16(Array(repeating: 0, count: count))
        case "UInt32", "DateTime": self = .uint32(Array(repeating: 0, count: count))
        case "UInt64": self = .uint64(Array(repeating: 0, count: count))
        case "Int64": self = .int64(Array(repeating: 0, count: count))
        case "Float64": self = .float64(Array(repeating: 0, count: count))
        case "String", "LowCardinality(String)": self = .string(Array(repeating: "", count: count))
        case "Array(String)": self = .strings(Array(repeating: [], count: count))
        case "Array(Int64)": self = .int64s(Array(repeating: [], count: count))
        case "Array(Float64)": self = .float64s(Array(repeating: [], count: count))
        default: return nil
        }
    }
}
