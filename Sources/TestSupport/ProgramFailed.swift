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
        let process = Process()
        let log = try TestFolder.make("program") + "/output"
        try Data().write(to: URL(fileURLWithPath: log))
        let output = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
        process.arguments = ["--signal=KILL", "\(secondsMax)"] + command
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.runWithSignals()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let said = try String(decoding: Data(contentsOf: URL(fileURLWithPath: log)), as: UTF8.self)
            throw ProgramFailed(program: command[0], output: "ended with \(process.terminationStatus): \(said)")
        }
    }
}

extension Process {
    /// Starts the program with no signal blocked. Threads of a dispatch queue block nearly all, a child inherits
    /// that from the thread that starts it, and then neither `kill` nor `timeout` can end it.
    func runWithSignals() throws {
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try run()
    }
}
