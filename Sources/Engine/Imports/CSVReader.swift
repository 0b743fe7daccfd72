#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Reads delimited text record by record without copying: RFC 4180 with any one-byte delimiter, quoted fields that
/// hold delimiters, quotes and newlines, and lines that end in LF, CRLF or CR, mixed as they come.
///
/// A broken record is refused alone and reading goes on behind it; a quote that is never closed costs the one line on
/// which it opens.
final class CSVReader: RowReader {
    private let buffer: RecordBuffer
    private let delimiter: UInt8
    private var nextLine = 1
    /// Where in the buffer each cell begins and ends.
    private var starts: [Int] = []
    private var ends: [Int] = []
    private var recordStart = 0
    private var recordEnd = 0
    private var hasQuotes = false
    private var hasEscapes = false

    private(set) var line = 1

    /// How many cells each row must have; nil to take them as they come. Empty cells beyond it are passed over.
    var expectedColumns: Int?

    init(source: ImportSource, delimiter: UInt8) {
        buffer = RecordBuffer(source: source)
        self.delimiter = delimiter
    }

    var cellCount: Int { starts.count }

    /// One cell of the current record, unquoted; valid until the next step.
    @inline(__always)
    func cell(_ index: Int) -> ByteView {
        buffer.view(starts[index], ends[index])
    }

    func text(_ column: Int) -> ByteView {
        column < starts.count ? cell(column).trimmed : ByteView(start: nil, count: 0)
    }

    func json(_ column: Int) -> ByteView? { nil }

    var rawText: String {
        guard !hasEscapes else { return CSVText.row((0..<cellCount).map { cell($0).text }, delimiter: delimiter) }
        let length = min(recordEnd - recordStart, ImportLimits.refusedRowBytes)
        return buffer.view(recordStart, recordStart + length).text
    }

    /// Moves to the next record that is not blank.
    func next() throws(ImportError) -> RecordStep {
        while true {
            let found = scan()
            switch found {
            case .needsMore:
                if try !buffer.readMore() {
                    if buffer.count == 0 { return .end }
                    if !buffer.isAtEnd { return .refused(try refuseTooLong()) }
                }
            case .complete(let end, let next):
                line = nextLine
                recordStart = buffer.start
                recordEnd = end
                nextLine += hasQuotes ? lineCount(from: recordStart, to: next) : (next > end ? 1 : 0)
                buffer.consume(to: next)
                if isBlank || isDelimiterNote { continue }
                if let refusal = textFault() { return .refused(refusal) }
                return .record
            case .fault(let reason, let explanation):
                return .refused(refuseLine(reason, explanation))
            }
        }
    }

    // MARK: Scanning

    private enum Scan {
        case needsMore
        /// The record ends before `end`; what follows begins at `next`.
        case complete(end: Int, next: Int)
        case fault(RefusalReason, String)
    }

    private func scan() -> Scan {
        let bytes = UnsafePointer(buffer.bytes.baseAddress)
        guard let bytes, buffer.count > 0 else { return .needsMore }
        let end = buffer.end
        var position = buffer.start
        starts.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        hasQuotes = false
        hasEscapes = false
        while true {
            if position < end, bytes[position] == ASCII.quote {
                switch scanQuoted(bytes, from: position, to: end) {
                case .closed(let after): position = after
                case .open: return buffer.isAtEnd ? unclosedQuote : .needsMore
                case .runaway: return unclosedQuote
                }
            } else {
                let begin = position
                while position < end {
                    let byte = bytes[position]
                    if byte == delimiter || byte == ASCII.lineFeed || byte == ASCII.carriageReturn { break }
                    position += 1
                }
                starts.append(begin)
                ends.append(position)
            }
            guard position < end else {
                return buffer.isAtEnd ? .complete(end: position, next: position) : .needsMore
            }
            let byte = bytes[position]
            if byte == delimiter {
                guard starts.count < ImportLimits.columns else {
                    return .fault(.columnCount, "the row has more than \(ImportLimits.columns) columns")
                }
                position += 1
                // A delimiter at the very end of the file opens one more, empty cell.
                guard position < end || buffer.isAtEnd else { return .needsMore }
            } else if byte == ASCII.lineFeed {
                return .complete(end: position, next: position + 1)
            } else if byte == ASCII.carriageReturn {
                guard position + 1 < end || buffer.isAtEnd else { return .needsMore }
                let isPair = position + 1 < end && bytes[position + 1] == ASCII.lineFeed
                return .complete(end: position, next: position + (isPair ? 2 : 1))
            } else {
                return .fault(
                    .textAfterQuote, "text stands after a closing quote; double the quotes inside a quoted cell")
            }
        }
    }

    private enum QuotedScan {
        case closed(after: Int)
        case open
        case runaway
    }

    private var unclosedQuote: Scan {
        .fault(.unclosedQuote, "a quote is opened and not closed; double the quotes inside a quoted cell")
    }

    /// Scans a quoted cell and appends it; doubled quotes are undone in place once the cell is whole.
    private func scanQuoted(_ bytes: UnsafePointer<UInt8>, from open: Int, to end: Int) -> QuotedScan {
        var position = open + 1
        var isEscaped = false
        hasQuotes = true
        while position < end, let hit = memchr(bytes + position, Int32(ASCII.quote), end - position) {
            let close = UnsafeRawPointer(hit) - UnsafeRawPointer(bytes)
            if close + 1 < end, bytes[close + 1] == ASCII.quote {
                isEscaped = true
                position = close + 2
                continue
            }
            guard close + 1 < end || buffer.isAtEnd else { return .open }
            if close - open > 256, lineCount(from: open, to: close) > ImportLimits.recordLines { return .runaway }
            starts.append(open + 1)
            ends.append(isEscaped ? -close : close)
            if isEscaped { hasEscapes = true }
            return .closed(after: close + 1)
        }
        return end - open > ImportLimits.recordBytes ? .runaway : .open
    }

    /// Undoes doubled quotes in place, where the scan left a mark.
    private func unescape() {
        guard hasEscapes else { return }
        for index in ends.indices where ends[index] < 0 {
            let close = -ends[index]
            var write = starts[index]
            var read = starts[index]
            while read < close {
                let byte = buffer.bytes[read]
                buffer.bytes[write] = byte
                read += byte == ASCII.quote ? 2 : 1
                write += 1
            }
            ends[index] = write
        }
    }

    // MARK: Rows that say nothing

    /// An empty line, or one of delimiters only as spreadsheets leave them below a table.
    private var isBlank: Bool {
        recordEnd == recordStart || starts.indices.allSatisfy { starts[$0] == ends[$0] }
    }

    /// `sep=;` on the first line, which tells a spreadsheet the delimiter.
    private var isDelimiterNote: Bool {
        guard line == 1 else { return false }
        let record = buffer.view(recordStart, recordEnd)
        return record.count == 5 && record.part(0, 4).equals("sep=")
    }

    // MARK: Faults

    /// Refuses a record whose bytes are no text; otherwise finishes its cells.
    private func textFault() -> RowRefusal? {
        let record = buffer.view(recordStart, recordEnd)
        let hasNUL = record.contains(byte: 0)
        let invalid = record.hasHighBytes ? record.firstInvalidUTF8 : nil
        unescape()
        if hasNUL { return refusal(.nulByte, "the row holds a NUL byte, which no text has") }
        if let invalid {
            return refusal(.badEncoding, "byte \(invalid + 1) of the row does not belong to the file's encoding")
        }
        guard let expectedColumns, starts.count != expectedColumns else { return nil }
        if starts.count > expectedColumns,
            starts.indices.dropFirst(expectedColumns).allSatisfy({ starts[$0] == ends[$0] })
        {
            return nil
        }
        return refusal(.columnCount, "the row has \(starts.count) columns, the header \(expectedColumns)")
    }

    /// Refuses the one line on which a broken record begins and goes on behind it.
    private func refuseLine(_ reason: RefusalReason, _ explanation: String) -> RowRefusal {
        line = nextLine
        recordStart = buffer.start
        hasEscapes = false
        var position = buffer.start
        while position < buffer.end, !isLineEnd(position) { position += 1 }
        recordEnd = position
        let refused = refusal(reason, explanation)
        if position < buffer.end {
            let isPair =
                buffer.bytes[position] == ASCII.carriageReturn && position + 1 < buffer.end
                && buffer.bytes[position + 1] == ASCII.lineFeed
            position += isPair ? 2 : 1
            nextLine += 1
        }
        buffer.consume(to: position)
        return refused
    }

    /// Refuses a line over the limit and passes over the rest of it.
    private func refuseTooLong() throws(ImportError) -> RowRefusal {
        let refused = refuseLine(.tooLong, "the row is longer than \(ImportLimits.recordBytes) bytes")
        if nextLine == refused.line { _ = try skipToLineEnd() }
        return refused
    }

    /// Consumes bytes up to the next line end, reading on as needed; false at the end of the file.
    private func skipToLineEnd() throws(ImportError) -> Bool {
        while true {
            var position = buffer.start
            while position < buffer.end, !isLineEnd(position) { position += 1 }
            if position < buffer.end {
                buffer.consume(to: position)
                if buffer.bytes[position] == ASCII.carriageReturn, position + 1 == buffer.end {
                    _ = try buffer.readMore()
                    position = buffer.start
                }
                let isPair =
                    buffer.bytes[position] == ASCII.carriageReturn && position + 1 < buffer.end
                    && buffer.bytes[position + 1] == ASCII.lineFeed
                buffer.consume(to: position + (isPair ? 2 : 1))
                nextLine += 1
                return true
            }
            buffer.consume(to: position)
            guard try buffer.readMore() else { return false }
        }
    }

    private func isLineEnd(_ position: Int) -> Bool {
        buffer.bytes[position] == ASCII.lineFeed || buffer.bytes[position] == ASCII.carriageReturn
    }

    /// Line ends between two places of the buffer; CRLF is one.
    private func lineCount(from: Int, to: Int) -> Int {
        var lines = 0
        var position = from
        while position < to {
            let byte = buffer.bytes[position]
            if byte == ASCII.lineFeed {
                lines += 1
            } else if byte == ASCII.carriageReturn,
                position + 1 >= to || buffer.bytes[position + 1] != ASCII.lineFeed
            {
                lines += 1
            }
            position += 1
        }
        return lines
    }
}
