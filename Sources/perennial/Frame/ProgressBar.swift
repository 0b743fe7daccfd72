import Foundation
import Synchronization

/// Shows how far long work has come: a bar that redraws itself on a terminal, a line every few seconds elsewhere.
final class ProgressBar: Sendable {
    private static let cells = 28
    private static let redrawSeconds = 0.1
    private static let lineSeconds = 5.0
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let lastShown = Mutex(-1e9)

    /// Shows a state, unless the one before is too recent. `fraction` is 0…1.
    func show(fraction: Double, _ text: String) {
        let now = ProcessInfo.processInfo.systemUptime
        let isDue = lastShown.withLock { last in
            guard now - last >= (isTerminal ? Self.redrawSeconds : Self.lineSeconds) else { return false }
            last = now
            return true
        }
        guard isDue else { return }
        write(isTerminal ? "\r\u{1B}[2K" + drawn(fraction) + text : text + "\n")
    }

    /// Leaves the final state standing.
    func finish(_ text: String) {
        write(isTerminal ? "\r\u{1B}[2K" + drawn(1) + text + "\n" : text + "\n")
    }

    private func drawn(_ fraction: Double) -> String {
        let full = Int((max(0, min(fraction, 1)) * Double(Self.cells)).rounded(.down))
        let percent = String(Int(max(0, min(fraction, 1)) * 100))
        let bar = String(repeating: "█", count: full) + String(repeating: "░", count: Self.cells - full)
        return bar + String(repeating: " ", count: 4 - percent.count) + percent + "%  "
    }

    private func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
