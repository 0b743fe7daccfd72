#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Turns text of any supported encoding into UTF-8 with the C library's iconv, chunk by chunk.
///
/// Bytes that mean nothing come out as `invalidMark`, which is not UTF-8, so that exactly the rows that hold them are
/// refused and the others kept.
final class Transcoder {
    static let invalidMark: UInt8 = 0xFF
    private let descriptor: iconv_t

    init(from encoding: TextEncoding) throws(ImportError) {
        guard let descriptor = iconv_open("UTF-8", encoding.iconvName), Int(bitPattern: descriptor) != -1 else {
            throw .cannotRead(reason: "this system does not know the encoding \(encoding.rawValue)")
        }
        self.descriptor = descriptor
    }

    deinit { iconv_close(descriptor) }

    /// Converts from the start of `input` into the start of `output`; returns how much of each was used. Bytes of a
    /// character that is cut off at the end stay unused unless `isLast`.
    func convert(
        _ input: UnsafeBufferPointer<UInt8>, into output: UnsafeMutableBufferPointer<UInt8>, isLast: Bool
    ) -> (used: Int, produced: Int) {
        guard let inputStart = input.baseAddress, let outputStart = output.baseAddress else { return (0, 0) }
        var source: UnsafeMutablePointer<CChar>? = UnsafeMutableRawPointer(mutating: inputStart)
            .assumingMemoryBound(to: CChar.self)
        var sourceLeft = input.count
        var target: UnsafeMutablePointer<CChar>? = UnsafeMutableRawPointer(outputStart)
            .assumingMemoryBound(to: CChar.self)
        var targetLeft = output.count
        while sourceLeft > 0 {
            if iconv(descriptor, &source, &sourceLeft, &target, &targetLeft) != -1 { break }
            let isInvalid = errno == EILSEQ || (errno == EINVAL && isLast)
            guard isInvalid, targetLeft > 0 else { break }
            target?.pointee = CChar(bitPattern: Transcoder.invalidMark)
            target = target.map { $0 + 1 }
            targetLeft -= 1
            source = source.map { $0 + 1 }
            sourceLeft -= 1
        }
        return (input.count - sourceLeft, output.count - targetLeft)
    }

    /// Whether a sample reads without a fault; a character cut off at its end is none.
    static func accepts(_ sample: [UInt8], as encoding: TextEncoding) -> Bool {
        guard let transcoder = try? Transcoder(from: encoding) else { return false }
        var output = [UInt8](repeating: 0, count: sample.count * 3 + 16)
        let count = sample.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { transcoder.convert(input, into: $0, isLast: false).produced }
        }
        return !output[..<count].contains(invalidMark)
    }
}
