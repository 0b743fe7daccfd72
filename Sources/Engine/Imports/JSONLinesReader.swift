#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Reads objects, one a line. Columns are the keys at the top level; everything else of an object is passed over.
final class JSONLinesReader: RowReader {
    private let buffer: RecordBuffer
    private let keys: [[UInt8]]
    private let wantsMembers: Bool
    private var record = ByteView(start: nil, count: 0)
    private var overlongText: String?
    private var nextLine = 1
    private var values: [JSONSlice?]
    /// Strings whose escapes were undone, with the column's place in it.
    private var scratch = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1024)
    private var scratchUsed = 0
    private var decoded: [Int: Range<Int>] = [:]

    private(set) var line = 1
    /// The keys of the current row with the kinds of their values, when no columns were named.
    private(set) var members: [(key: String, kind: JSONKind)] = []

    /// `columns` are the keys that `text` and `json` will be asked for, by position; none to learn the keys.
    init(source: ImportSource, columns: [String]) {
        buffer = RecordBuffer(source: source)
        keys = columns.map { Array($0.utf8) }
        values = Array(repeating: nil, count: columns.count)
        wantsMembers = columns.isEmpty
    }

    deinit { scratch.deallocate() }

    var rawText: String {
        overlongText ?? String(decoding: record.part(0, min(record.count, ImportLimits.refusedRowBytes)), as: UTF8.self)
    }

    /// Length of the current row.
    var recordBytes: Int { record.count }

    func next() throws(ImportError) -> RecordStep {
        while try findLine() {
            if overlongText != nil || record.count > ImportLimits.recordBytes {
                return .refused(refusal(.tooLong, "the row is longer than \(ImportLimits.recordBytes) bytes"))
            }
            if record.trimmed.count == 0 { continue }
            if record.contains(byte: 0) {
                return .refused(refusal(.nulByte, "the row holds a NUL byte, which no text has"))
            }
            if record.hasHighBytes, let offset = record.firstInvalidUTF8 {
                return .refused(refusal(.badEncoding, "byte \(offset + 1) does not belong to the file's encoding"))
            }
            do {
                try scanObject()
                return .record
            } catch {
                return .refused(refusal(.badJSON, "\(error); one object a line is expected"))
            }
        }
        return .end
    }

    func text(_ column: Int) -> ByteView {
        guard let slice = values[column] else { return ByteView(start: nil, count: 0) }
        switch slice.kind {
        case .null: return ByteView(start: nil, count: 0)
        case .string:
            if slice.hasEscapes { return decodedText(column, slice).trimmed }
            return record.part(slice.range.lowerBound + 1, slice.range.upperBound - 1).trimmed
        case .bool, .number, .object, .array: return record.part(slice.range.lowerBound, slice.range.upperBound)
        }
    }

    func json(_ column: Int) -> ByteView? {
        guard let slice = values[column], slice.kind != .null else { return nil }
        return record.part(slice.range.lowerBound, slice.range.upperBound)
    }

    private func scanObject() throws(JSONError) {
        for index in values.indices { values[index] = nil }
        members.removeAll(keepingCapacity: true)
        decoded.removeAll(keepingCapacity: true)
        scratchUsed = 0
        var scanner = JSONScanner(record)
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            let value = try scanner.value()
            if let flaw = value.flaw { throw flaw }
            guard value.depth <= EventLimits.depth else { throw JSONError(.tooDeep, at: value.range.lowerBound) }
            if wantsMembers { members.append((scanner.string(key) ?? "", value.kind)) }
            if let column = column(of: key, scanner) { values[column] = value }
        }
        try scanner.finish()
    }

    private func column(of key: JSONSlice, _ scanner: JSONScanner) -> Int? {
        if key.hasEscapes {
            let text = scanner.string(key).map { Array($0.utf8) }
            return keys.firstIndex { $0 == text }
        }
        let name = record.part(key.range.lowerBound + 1, key.range.upperBound - 1)
        return keys.firstIndex { $0.count == name.count && $0.elementsEqual(name) }
    }

    private func decodedText(_ column: Int, _ slice: JSONSlice) -> ByteView {
        if decoded[column] == nil {
            let text = JSONScanner(record).string(slice) ?? ""
            decoded[column] = keep(text)
        }
        let range = decoded[column] ?? 0..<0
        return ByteView(rebasing: UnsafeBufferPointer(scratch)[range])
    }

    /// Copies into the scratch, which holds a whole row: undone escapes are never longer than the row.
    private func keep(_ text: String) -> Range<Int> {
        let begin = scratchUsed
        for byte in text.utf8 where scratchUsed < scratch.count {
            scratch[scratchUsed] = byte
            scratchUsed += 1
        }
        return begin..<scratchUsed
    }

    /// Puts the next line into the record; false at the end of the file.
    private func findLine() throws(ImportError) -> Bool {
        var searched = 0
        overlongText = nil
        while true {
            let rest = buffer.view(buffer.start + searched, buffer.end)
            if let base = rest.baseAddress, let hit = memchr(base, Int32(ASCII.lineFeed), rest.count) {
                let length = searched + (UnsafeRawPointer(hit) - UnsafeRawPointer(base))
                take(length, andLineEnd: 1)
                return true
            }
            searched = buffer.count
            guard try !buffer.readMore() else { continue }
            guard buffer.count > 0 else { return false }
            take(buffer.count, andLineEnd: 0)
            if !buffer.isAtEnd { try passOverLine() }
            return true
        }
    }

    private func take(_ length: Int, andLineEnd lineEnd: Int) {
        let start = buffer.start
        var view = buffer.view(start, start + length)
        if view.last == ASCII.carriageReturn { view = view.part(0, view.count - 1) }
        record = view
        line = nextLine
        nextLine += 1
        buffer.consume(to: start + length + lineEnd)
        if scratch.count < view.count, view.count <= ImportLimits.recordBytes {
            scratch.deallocate()
            scratch = .allocate(capacity: max(view.count, 2 * 1024))
        }
    }

    /// Drops the rest of an overlong line, of which only the beginning is kept for the error file.
    private func passOverLine() throws(ImportError) {
        overlongText = String(decoding: record.part(0, ImportLimits.refusedRowBytes), as: UTF8.self)
        while true {
            let rest = buffer.view(buffer.start, buffer.end)
            if let base = rest.baseAddress, let hit = memchr(base, Int32(ASCII.lineFeed), rest.count) {
                buffer.consume(to: buffer.start + (UnsafeRawPointer(hit) - UnsafeRawPointer(base)) + 1)
                return
            }
            buffer.consume(to: buffer.end)
            guard try buffer.readMore() else { return }
        }
    }
}
