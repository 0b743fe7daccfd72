/// One table of a report as text: what a terminal shows and a spreadsheet opens.
package struct ReportTable: Sendable, Equatable {
    package var title: String
    package var columns: [Column]
    package var rows: [[String]]

    package struct Column: Sendable, Equatable {
        package var name: String
        package var isNumber: Bool

        package static func text(_ name: String) -> Column { Column(name: name, isNumber: false) }
        package static func number(_ name: String) -> Column { Column(name: name, isNumber: true) }
    }

    package init(_ title: String, _ columns: [Column], rows: [[String]]) {
        self.title = title
        self.columns = columns
        self.rows = rows
    }
}

extension ReportTable {
    /// Aligned columns under the title; numbers to the right. Wide characters take two places.
    package func aligned() -> String {
        let widths = columns.indices.map { index in
            ([columns[index].name] + rows.map { $0[index] }).map(TextWidth.of).max() ?? 0
        }
        func line(_ cells: [String]) -> String {
            let padded = cells.indices.map { index in
                let space = String(repeating: " ", count: widths[index] - TextWidth.of(cells[index]))
                return columns[index].isNumber ? space + cells[index] : cells[index] + space
            }
            var text = padded.joined(separator: "  ")
            while text.last == " " { text.removeLast() }
            return text
        }
        let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
        return ([title, line(columns.map(\.name)), rule] + rows.map(line)).joined(separator: "\n") + "\n"
    }

    /// Comma-separated values with a header, lines ended by CR LF. Source: RFC 4180.
    package func csv() -> String {
        ([columns.map(\.name)] + rows).map { cells in
            cells.map(Self.csvCell).joined(separator: ",") + "\r\n"
        }.joined()
    }

    /// Quoted where needed. A text that a spreadsheet would run as a formula is kept from it by an apostrophe.
    private static func csvCell(_ text: String) -> String {
        var cell = text
        let first = text.first ?? " "
        if "=+@\t\r".contains(first) || (first == "-" && Double(text) == nil) { cell = "'" + text }
        guard cell.utf8.contains(where: { ",\"\n\r".utf8.contains($0) }) else { return cell }
        return "\"" + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}

/// How many places of a terminal a text takes.
enum TextWidth {
    static func of(_ text: String) -> Int {
        text.reduce(0) { width, character in
            guard let scalar = character.unicodeScalars.first else { return width }
            return width + (isWide(scalar.value) ? 2 : 1)
        }
    }

    /// East Asian Wide and Fullwidth, by block. Source: Unicode Standard Annex #11.
    private static func isWide(_ value: UInt32) -> Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
            0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F,
            0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}
