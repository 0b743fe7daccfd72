import CADBC

/// Reading of Arrow's flat layouts: a validity bitmap, then values or offsets and bytes.
extension ArrowColumn {
    static func readIntegers(_ array: ArrowArray, _ format: String, _ range: Range<Int>, into out: inout [Int64]) {
        out.makeRoom(for: range.count)
        guard array.n_buffers > 1, let data = array.buffers?[1] else {
            out.append(contentsOf: repeatElement(0, count: range.count))
            return
        }
        let valid = validity(array)
        func take<T: BinaryInteger>(_ type: T.Type) {
            let values = data.assumingMemoryBound(to: T.self)
            guard valid != nil else {
                for row in range { out.append(Int64(truncatingIfNeeded: values[row])) }
                return
            }
            for row in range { out.append(isValid(valid, row) ? Int64(truncatingIfNeeded: values[row]) : 0) }
        }
        switch format {
        case "b":
            let bits = data.assumingMemoryBound(to: UInt8.self)
            for row in range { out.append(isValid(valid, row) && bits[row >> 3] >> (row & 7) & 1 == 1 ? 1 : 0) }
        case "c": take(Int8.self)
        case "C": take(UInt8.self)
        case "s": take(Int16.self)
        case "S": take(UInt16.self)
        case "i", "tdD": take(Int32.self)
        case "I": take(UInt32.self)
        default: take(Int64.self)
        }
    }

    static func readWords(_ array: ArrowArray, _ range: Range<Int>, into out: inout [UInt64]) {
        out.makeRoom(for: range.count)
        guard array.n_buffers > 1, let data = array.buffers?[1] else {
            out.append(contentsOf: repeatElement(0, count: range.count))
            return
        }
        let valid = validity(array)
        let values = data.assumingMemoryBound(to: UInt64.self)
        guard valid != nil else {
            out.append(contentsOf: UnsafeBufferPointer(start: values + range.lowerBound, count: range.count))
            return
        }
        for row in range { out.append(isValid(valid, row) ? values[row] : 0) }
    }

    static func readFloats(_ array: ArrowArray, _ format: String, _ range: Range<Int>, into out: inout [Double]) {
        out.makeRoom(for: range.count)
        guard array.n_buffers > 1, let data = array.buffers?[1] else {
            out.append(contentsOf: repeatElement(0, count: range.count))
            return
        }
        let valid = validity(array)
        if format == "f" {
            let values = data.assumingMemoryBound(to: Float.self)
            for row in range { out.append(isValid(valid, row) ? Double(values[row]) : 0) }
        } else {
            let values = data.assumingMemoryBound(to: Double.self)
            for row in range { out.append(isValid(valid, row) ? values[row] : 0) }
        }
    }

    static func readStrings(_ array: ArrowArray, _ format: String, _ range: Range<Int>, into out: inout [String]) {
        out.makeRoom(for: range.count)
        let valid = validity(array)
        if format.hasPrefix("w:"), let width = Int(format.dropFirst(2)), let data = array.buffers?[1] {
            let bytes = UnsafeRawBufferPointer(start: data, count: range.upperBound * width)
            for row in range { out.append(text(bytes, valid, row, row * width..<(row + 1) * width)) }
            return
        }
        guard array.n_buffers > 2, let offsets = array.buffers?[1] else {
            out.append(contentsOf: repeatElement("", count: range.count))
            return
        }
        if format == "U" || format == "Z" {
            let ends = offsets.assumingMemoryBound(to: Int64.self)
            let bytes = UnsafeRawBufferPointer(start: array.buffers?[2], count: Int(ends[range.upperBound]))
            for row in range { out.append(text(bytes, valid, row, Int(ends[row])..<Int(ends[row + 1]))) }
        } else {
            let ends = offsets.assumingMemoryBound(to: Int32.self)
            let bytes = UnsafeRawBufferPointer(start: array.buffers?[2], count: Int(ends[range.upperBound]))
            for row in range { out.append(text(bytes, valid, row, Int(ends[row])..<Int(ends[row + 1]))) }
        }
    }

    private static func text(
        _ bytes: UnsafeRawBufferPointer, _ valid: UnsafePointer<UInt8>?, _ row: Int, _ span: Range<Int>
    ) -> String {
        guard isValid(valid, row), !span.isEmpty, bytes.baseAddress != nil else { return "" }
        return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[span]), as: UTF8.self)
    }

    private static func validity(_ array: ArrowArray) -> UnsafePointer<UInt8>? {
        guard array.null_count != 0, array.n_buffers > 0 else { return nil }
        return array.buffers?[0]?.assumingMemoryBound(to: UInt8.self)
    }

    private static func isValid(_ bitmap: UnsafePointer<UInt8>?, _ row: Int) -> Bool {
        guard let bitmap else { return true }
        return bitmap[row >> 3] >> (row & 7) & 1 == 1
    }
}

extension Array {
    /// Makes room for a further batch, at least doubling: an exact `reserveCapacity` for every batch of a long answer
    /// would copy all of the column each time.
    fileprivate mutating func makeRoom(for more: Int) {
        guard count + more > capacity else { return }
        reserveCapacity(Swift.max(count + more, 2 * capacity))
    }
}
