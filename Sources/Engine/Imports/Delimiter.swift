/// Finds which character parts the columns of a table.
enum Delimiter {
    private static let candidates: [UInt8] = [ASCII.comma, ASCII.tab, UInt8(ascii: ";"), UInt8(ascii: "|")]
    private static let linesMax = 100

    /// The candidate that parts most lines into the same number of columns; more columns break a tie. A comma when
    /// there is nothing to part.
    static func detect(_ start: [UInt8]) -> String {
        if start.starts(with: "sep=".utf8), start.count > 4 { return String(UnicodeScalar(start[4])) }
        var best: (score: Double, columns: Int, byte: UInt8) = (0, 1, ASCII.comma)
        for candidate in candidates {
            let counts = columnCounts(start, candidate)
            guard let (columns, lines) = mode(counts), columns > 1 else { continue }
            let score = Double(lines) / Double(counts.count)
            if score > best.score + 0.05 || (score > best.score - 0.05 && columns > best.columns) {
                best = (score, columns, candidate)
            }
        }
        return String(UnicodeScalar(best.byte))
    }

    private static func mode(_ counts: [Int]) -> (columns: Int, lines: Int)? {
        let byCount = Dictionary(counts.map { ($0, 1) }, uniquingKeysWith: +)
        return byCount.max { ($0.value, $0.key) < ($1.value, $1.key) }.map { ($0.key, $0.value) }
    }

    /// Columns of each line, with delimiters and newlines inside quotes passed over.
    private static func columnCounts(_ start: [UInt8], _ delimiter: UInt8) -> [Int] {
        var counts: [Int] = []
        var columns = 1
        var isQuoted = false
        var isEmpty = true
        for byte in start {
            if byte == ASCII.quote {
                isQuoted.toggle()
                isEmpty = false
            } else if byte == ASCII.lineFeed || byte == ASCII.carriageReturn, !isQuoted {
                if !isEmpty { counts.append(columns) }
                columns = 1
                isEmpty = true
                if counts.count == linesMax { return counts }
            } else {
                if byte == delimiter, !isQuoted { columns += 1 }
                isEmpty = false
            }
        }
        if !isEmpty, counts.isEmpty { counts.append(columns) }
        return counts
    }
}
