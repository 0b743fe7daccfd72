import Foundation

/// Columns under headings, aligned for a terminal; wide characters (中文) count as two cells.
struct TextTable {
    private let headings: [String]
    private var rows: [[String]] = []

    init(_ headings: String...) {
        self.headings = headings
    }

    mutating func add(_ cells: String...) {
        rows.append(cells)
    }

    func print() {
        let all = [headings] + rows
        let widths = headings.indices.map { column in all.map { Self.width($0[column]) }.max() ?? 0 }
        for row in all {
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - Self.width($0)) }
            Swift.print(cells.joined(separator: "  ").trimmingCharacters(in: .whitespaces))
        }
    }

    /// Terminal cells. East Asian Wide blocks, roughly: Unicode Standard Annex 11.
    private static func width(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + ((0x1100...0x115F ~= $1.value || 0x2E80...0xFFDC ~= $1.value) ? 2 : 1) }
    }
}
