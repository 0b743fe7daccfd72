/// How far an import has come; also the place from which it goes on after a restart.
package struct ImportProgress: Sendable, Equatable, Codable {
    /// Rows read, good and bad, headers and blank lines not counted.
    package var rows: Int64 = 0
    /// Events handed to the log.
    package var events: Int64 = 0
    package var refused: Int64 = 0
    package var fileBytes: Int64 = 0
    package var fileBytesRead: Int64 = 0
    /// Length of the error file when this was noted; a restart cuts off what was written later.
    package var errorBytes: Int64 = 0
    /// Time spent reading and storing, over all starts.
    package var milliseconds: Int64 = 0

    package init() {}

    package var rowsPerSecond: Double {
        milliseconds > 0 ? Double(rows) * 1000 / Double(milliseconds) : 0
    }

    /// 0…1 by the bytes of the file.
    package var fraction: Double {
        fileBytes > 0 ? min(Double(fileBytesRead) / Double(fileBytes), 1) : 1
    }

    /// Nil until there is something to guess from.
    package var secondsLeft: Double? {
        guard fraction > 0.001, milliseconds > 200 else { return nil }
        return Double(milliseconds) / 1000 * (1 - fraction) / fraction
    }
}
