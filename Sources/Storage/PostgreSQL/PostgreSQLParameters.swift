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
            switch value {
            case .null: break
            case .integer(let integer): append(UInt64(bitPattern: integer))
            case .real(let real): append(real.bitPattern)
            case .text(let text): StorableText.withBytes(text) { bytes.append(contentsOf: $0) }
            case .blob(let blob): bytes.append(contentsOf: blob)
            }
            starts.append(value == .null ? Self.null : start)
            // The server refuses values beyond 1 GB by itself.
            lengths.append(Int32(clamping: bytes.count - start))
        }
        while formats.count < values.count { formats.append(Self.binary) }
    }

    private mutating func append(_ word: UInt64) {
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
