import Foundation

/// How a report is written out.
package enum ReportFormat: String, Sendable, CaseIterable {
    case table, json, csv
}

/// A report that can be written as tables; as JSON it is its own document.
package protocol TabularReport: Encodable {
    var tables: [ReportTable] { get }
}

/// Writes a report as text.
package enum ReportRenderer {
    /// Tables are divided by an empty line, in CSV too (each with its own header).
    /// Throws: `EncodingError` for figures that JSON cannot express.
    package static func text(_ report: some TabularReport, format: ReportFormat) throws -> String {
        switch format {
        case .table: return report.tables.map { $0.aligned() }.joined(separator: "\n")
        case .csv: return report.tables.map { $0.csv() }.joined(separator: "\r\n")
        case .json: return try document(report, [.prettyPrinted]) + "\n"
        }
    }

    /// A report as a JSON document with `snake_case` members: the one that the command line prints and the API serves.
    /// Throws: `EncodingError` for figures that JSON cannot express.
    package static func document(
        _ report: some Encodable, _ formatting: JSONEncoder.OutputFormatting = []
    ) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(report), as: UTF8.self)
    }
}

/// Figures as the tables show them.
enum ReportFigure {
    /// `1234.50` for 123450 CNY.
    static func money(_ minorUnits: Int64, _ currency: String) -> String {
        let digits = CurrencyScale.digits(currency)
        guard digits > 0 else { return String(minorUnits) }
        let text = String(minorUnits.magnitude)
        let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
        return (minorUnits < 0 ? "-" : "") + padded.dropLast(digits) + "." + padded.suffix(digits)
    }

    /// `297.4`, `482`: at most `digits` decimals, no trailing zeros.
    static func number(_ value: Double, digits: Int = 3) -> String {
        var text = String(format: "%.\(digits)f", value)
        guard text.contains(".") else { return text }
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }

    /// `40.1%`.
    static func percent(_ share: Double) -> String {
        String(format: "%.1f%%", share * 100)
    }

    static func share(_ part: Int64, of whole: Int64) -> String {
        whole == 0 ? "–" : percent(Double(part) / Double(whole))
    }
}
