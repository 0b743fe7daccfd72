/// The bounds of imports; docs/limits.md repeats them.
package enum ImportLimits {
    /// One record of a file, after decompression and decoding.
    package static let recordBytes = 1024 * 1024
    /// Lines that one quoted field may span; more means a quote was never closed.
    package static let recordLines = 1_000
    /// Columns of one record.
    package static let columns = 1_000
    /// Bytes looked at to detect encoding, delimiter, formats and types.
    package static let sampleBytes = 256 * 1024
    /// Records looked at to detect formats and types.
    package static let sampleRecords = 2_000
    /// Events handed to the log at once.
    package static let batchEvents = 4_000
    /// Bytes of events handed to the log at once.
    package static let batchBytes = 8 * 1024 * 1024
    /// Bytes read from a file at once.
    package static let chunkBytes = 256 * 1024
    /// A gzip file may become this large…
    package static let decompressedBytes: Int64 = 200 * 1024 * 1024 * 1024
    /// …and, past its first 64 MiB, at most this many times larger than it was. Text compresses 5 to 20 times.
    package static let decompressionRatio: Int64 = 200
    package static let decompressionGraceBytes: Int64 = 64 * 1024 * 1024
    /// Rows without an id of their own in one file; each is remembered in 8 to 16 bytes to number equal rows.
    package static let rowsWithoutID = 50_000_000
    /// Lines of orders whose rows are scattered through the file, held at once.
    package static let scatteredLines = 200_000
    /// Lines of one order.
    package static let orderLines = 500
    /// Bytes of a refused row that the error file repeats.
    package static let refusedRowBytes = 2_000
    /// Rows shown as they would be stored.
    package static let previewRows = 10
    /// An uploaded file.
    package static let uploadBytes: Int64 = 20 * 1024 * 1024 * 1024
    /// Digits of an amount before and after the decimal point.
    package static let amountIntegerDigits = 12
    package static let amountFractionDigits = 8
}
