import Foundation

/// A program that tests start and wait for.
enum TestProgram {
    /// That tests may have open.
    private static let filesMax: rlim_t = 4_096

    /// Starts a program with no signal blocked (threads of a dispatch queue block nearly all, a child inherits that,
    /// and then neither `kill` nor `timeout` can end it) and no file of ours open.
    ///
    /// Not by Foundation's `Process`: on Linux it copies whole directory entries to find out which files are open, and where
    /// many are, now and then reads beyond the end of their buffer.
    static func start(_ command: [String], output: String = "/dev/null") throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        var none = sigset_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        sigemptyset(&none)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        // One that is not open is passed over.
        for file in 3..<Int32(min(limit.rlim_cur, filesMax)) { posix_spawn_file_actions_addclose(&actions, file) }
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let environment = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
        var arguments = command.map { strdup($0) } + [nil]
        var variables = environment.map { strdup($0) } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, command[0], &actions, &attributes, &arguments, &variables)
        guard code == 0 else { throw ProgramFailed(program: command[0], output: "did not start: error \(code)") }
        return process
    }

    /// The exit status, or 128 and the signal that ended it.
    static func wait(for process: pid_t) throws -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) == -1 {
            guard errno == EINTR else { throw ProgramFailed(program: "waitpid", output: "error \(errno)") }
        }
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + status & 0x7F
    }
}
