import Engine
import Foundation
import Storage

/// Looks at the machine and the stores without changing anything.
struct Examination {
    /// Below this a busy server fills the disk within hours.
    static let freeBytesWanted: Int64 = 2_000_000_000
    static let freeBytesNeeded: Int64 = 200_000_000
    /// Connections, database files and chDB's parts.
    static let openFilesWanted: UInt64 = 4_096
    /// Event times are corrected by the server's clock, so it must be right.
    static let clockToleranceMilliseconds: Int64 = 2_000

    let configuration: PlatformConfiguration
    let effects = Effects.live

    init(_ configuration: PlatformConfiguration) {
        self.configuration = configuration
    }

    func machine() async -> [Finding] {
        [dataFolder(), disk(), openFiles(), assets(), server()]
    }

    private func dataFolder() -> Finding {
        let path = configuration.data.path
        guard FileManager.default.fileExists(atPath: path) else {
            return .warning("Data folder", "\(path) does not exist yet", remedy: "`perennial serve` makes it.")
        }
        guard access(path, R_OK | W_OK | X_OK) == 0 else {
            return .bad("Data folder", "\(path) cannot be written by this user", remedy: "chown it to this user.")
        }
        return .good("Data folder", path)
    }

    private func disk() -> Finding {
        let existing = FileManager.default.fileExists(atPath: configuration.data.path) ? configuration.data.path : "/"
        var figures = statvfs()
        guard statvfs(existing, &figures) == 0 else {
            return .warning("Disk", "free space is not known", remedy: "Check `df \(existing)`.")
        }
        let free = Int64(figures.f_bavail) * Int64(figures.f_frsize)
        let detail = "\(free / 1_000_000) MB free at \(existing)"
        if free < Self.freeBytesNeeded {
            return .bad("Disk", detail, remedy: "Free some space: writes will soon be refused.")
        }
        return free < Self.freeBytesWanted
            ? .warning("Disk", detail, remedy: "Free some space, or move the data folder.") : .good("Disk", detail)
    }

    private func openFiles() -> Finding {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let detail = "at most \(limit.rlim_cur) open files"
        return limit.rlim_cur < Self.openFilesWanted
            ? .warning("File descriptors", detail, remedy: "Start with `ulimit -n 65536`, or LimitNOFILE= in systemd.")
            : .good("File descriptors", detail)
    }

    private func assets() -> Finding {
        let cache = FetchedFolder.path
        let wanted = [
            "chdb-core-26.9.0/chdb/_chdb.abi3.so", "django-htmx-1.29.0/htmx-2.min.js", "nicegui-3.18.0/index.js",
        ]
        let missing = wanted.filter { !FileManager.default.fileExists(atPath: cache + "/" + $0) }
        guard missing.isEmpty else {
            return .bad(
                "Fetched files", "missing in \(cache): \(missing.joined(separator: ", "))",
                remedy: "Run scripts/fetch, or set PERENNIAL_CACHE to the folder that has them.")
        }
        return .good("Fetched files", cache)
    }

    private func server() -> Finding {
        if let server = RunningServer.find(in: configuration.data) {
            return .good(
                "Server", "running as process \(server.processID), \(server.address), version \(server.version)")
        }
        guard PortProbe.isFree(host: configuration.host, port: configuration.port) else {
            return .bad(
                "Port", "\(configuration.host):\(configuration.port) is taken by another program",
                remedy: "Choose another with --port or PERENNIAL_PORT.")
        }
        return .good("Port", "\(configuration.host):\(configuration.port) is free")
    }
}
