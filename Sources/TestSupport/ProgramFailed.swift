import Dispatch
import Foundation

/// A program that a test needs ended with an error.
struct ProgramFailed: Error, CustomStringConvertible {
    private static let secondsMax = 180

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

    /// What the program says goes to a file: a pipe would stay open as long as any server that it left behind.
    private static func runAndWait(_ command: [String]) throws {
        let log = try TestFolder.make("program") + "/output"
        let limited = ["/usr/bin/env", "--chdir=/", "timeout", "--signal=KILL", "\(secondsMax)"] + command
        let status = try TestProgram.wait(for: try TestProgram.start(limited, output: log))
        guard status == 0 else {
            let said = try String(decoding: Data(contentsOf: URL(fileURLWithPath: log)), as: UTF8.self)
            throw ProgramFailed(program: command[0], output: "ended with \(status): \(said)")
        }
    }
}
