import Dispatch
import Foundation

/// A program that a test needs ended with an error.
struct ProgramFailed: Error, CustomStringConvertible {
    var program: String
    var output: String

    var description: String { "\(program): \(output)" }

    static func unlessSucceeds(_ command: [String]) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try runAndWait(command) })
            }
        }
    }

    private static func runAndWait(_ command: [String]) throws {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ProgramFailed(program: command[0], output: String(decoding: output, as: UTF8.self))
        }
    }
}
