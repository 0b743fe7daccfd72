import CZlib
import Foundation

@testable import Engine

/// Compresses test files.
enum GzipText {
    static func compress(_ bytes: [UInt8]) throws -> [UInt8] {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        guard deflateInit2_(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK else {
            throw ImportError.cannotRead(reason: "no zlib")
        }
        defer { deflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
        let room = output.count
        let produced = input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                deflate(&stream, Z_FINISH)
                return room - Int(stream.avail_out)
            }
        }
        return Array(output[..<produced])
    }
}

/// Writes test files in the Chinese national encoding.
enum GB18030Text {
    static func encode(_ text: String) throws -> [UInt8] {
        guard let descriptor = iconv_open("GB18030", "UTF-8"), Int(bitPattern: descriptor) != -1 else {
            throw ImportError.cannotRead(reason: "no iconv")
        }
        defer { iconv_close(descriptor) }
        var input = text.utf8.map { CChar(bitPattern: $0) }
        var output = [CChar](repeating: 0, count: input.count * 2 + 16)
        let room = output.count
        let produced = input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                var from = source.baseAddress
                var left = source.count
                var to = target.baseAddress
                var space = target.count
                iconv(descriptor, &from, &left, &to, &space)
                return room - space
            }
        }
        return output[..<produced].map { UInt8(bitPattern: $0) }
    }
}
