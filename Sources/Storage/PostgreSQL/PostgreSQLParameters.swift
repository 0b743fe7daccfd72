import CPostgreSQL

/// The values of one run in libpq's binary form, in buffers that are reused from run to run.
struct PostgreSQLParameters {
    private static let null = -1
    private static let binary: Int32 = 1

    private var bytes: [UInt8] = []
    private var starts: [Int] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []
    private var pointers: [UnsafePointer<CChar>?] = []

    /// Bytes that the loaded values take on the wire, about.
    var size: Int { bytes.count }

    mutating func load(_ values: [SQLValue]) {
        bytes.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        // One byte, so that an empty value has an address too.
        bytes.append(0)
        for value in values {
            let start = bytes.count
            append(value)
            starts.append(value == .null ? Self.null : start)
            // The server refuses values beyond 1 GB by itself.
            lengths.append(Int32(clamping: bytes.count - start))
        }
        while formats.count < values.count { formats.append(Self.binary) }
    }

    /// Loads one array for each column that has a type (array_send: dimensions, whether `NULL`s are in it, type of
    /// elements, their number, the first one's index, then each with its length).
    mutating func load(_ rows: ArraySlice<[SQLValue]>, _ types: [Oid?]) {
        bytes.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        for (column, type) in types.enumerated() {
            guard let type else { continue }
            let start = bytes.count
            append(Int32(1))
            append(Int32(1))
            append(Int32(bitPattern: type))
            append(Int32(rows.count))
            append(Int32(1))
            for row in rows {
                let place = bytes.count
                append(Int32(-1))
                guard row[column] != .null else { continue }
                append(row[column])
                let length = UInt32(bytes.count - place - 4).bigEndian
                withUnsafeBytes(of: length) { bytes.replaceSubrange(place..<place + 4, with: $0) }
            }
            starts.append(start)
            lengths.append(Int32(clamping: bytes.count - start))
        }
        while formats.count < starts.count { formats.append(Self.binary) }
    }

    private mutating func append(_ value: SQLValue) {
        switch value {
        case .null: break
        case .integer(let integer): append(integer)
        case .real(let real): append(real.bitPattern)
        case .text(let text): StorableText.withBytes(text) { bytes.append(contentsOf: $0) }
        case .blob(let blob): bytes.append(contentsOf: blob)
        }
    }

    private mutating func append(_ word: some FixedWidthInteger) {
        withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Hands count, values, lengths and formats to one of libpq's calls.
    mutating func send<R>(
        _ call: (Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> R
    ) -> R {
        bytes.withUnsafeBytes { memory in
            pointers.removeAll(keepingCapacity: true)
            for start in starts {
                let address = start == Self.null ? nil : memory.baseAddress.map { $0 + start }
                pointers.append(address?.assumingMemoryBound(to: CChar.self))
            }
            return call(Int32(starts.count), pointers, lengths, formats)
        }
    }
}
