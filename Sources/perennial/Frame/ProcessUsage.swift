import Foundation

/// What a process uses now, from the kernel's /proc.
struct ProcessUsage: Equatable {
    var residentBytes = 0
    var peakResidentBytes = 0
    var cpuSeconds = 0.0
    var openFiles = 0

    static func current() -> ProcessUsage {
        of(process: getpid()) ?? ProcessUsage()
    }

    /// Nil when the process is gone or /proc is not there.
    static func of(process id: Int32) -> ProcessUsage? {
        guard let status = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8),
            let stat = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)
        else { return nil }
        var usage = ProcessUsage()
        for line in status.split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count >= 2, let kilobytes = Int(words[1]) else { continue }
            if words[0] == "VmRSS:" { usage.residentBytes = kilobytes * 1024 }
            if words[0] == "VmHWM:" { usage.peakResidentBytes = kilobytes * 1024 }
        }
        // The command name may hold spaces, so fields are counted from its closing parenthesis: proc(5).
        let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
        if fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) {
            usage.cpuSeconds = (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
        }
        usage.openFiles = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/fd").count) ?? 0
        return usage
    }
}
