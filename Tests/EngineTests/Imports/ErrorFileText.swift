import Foundation

@testable import Engine

/// Reads an error file without its byte order mark.
enum ErrorFileText {
    static func read(_ path: String) throws -> [UInt8] {
        guard let content = FileManager.default.contents(atPath: path) else {
            throw ImportError.cannotOpen(path: path, reason: "no error file")
        }
        return Array(content.dropFirst(3))
    }
}
