import Storage

/// Tells the team of new tasks by mail: one letter for each user who may do them, at most once. The list in the console is
/// the truth; while no mail server is set up, nothing is lost but the letter.
struct StaffTaskMail: Sendable {
    let platform: Platform
    let channel: EmailChannel
    /// What links begin with.
    let address: String

    /// One round. Returns how many letters were taken. Where nobody could be reached, all are written about again; any other
    /// refusal is that user's alone. Throws: `StorageError`.
    func round() async throws -> Int {
        let isWanted = try await platform.store.read { connection in
            try EmailSettings.load(connection).isSetUp
                && connection.first("SELECT id FROM staff_tasks WHERE mail = 1 LIMIT 1") != nil
        }
        guard isWanted else { return 0 }
        let now = platform.effects.now()
        let (tasks, users) = try await platform.store.write { connection in
            (try StaffTasks.takeForMail(at: now, connection), try Users.list(connection))
        }
        var taken = 0
        var isPutOff = false
        for user in users where user.disabledAt == nil && user.role.may(.managePeople) {
            let own = tasks.filter { ($0.role ?? user.role) == user.role }
            guard !own.isEmpty else { continue }
            switch await channel.write(letter(own, user.language), to: user.email, platform) {
            case .sent, .delivered: taken += 1
            case .retry(MessageOutcome.unreachableReason, _, _): isPutOff = true
            case .retry(let reason, _, _), .bounced(let reason, _, _), .closed(let reason, _, _):
                platform.logger.warning("a letter of new tasks was not taken", metadata: ["reason": "\(reason)"])
            case .unknown:
                platform.logger.warning("whether a letter of new tasks was taken is not known")
            }
        }
        if isPutOff, taken == 0 {
            try await platform.store.write { try StaffTasks.mark(tasks.map(\.id), mail: 1, $0) }
        }
        return taken
    }

    private func letter(_ tasks: [StaffTask], _ language: String) -> EmailLetter {
        let language = CriteriaLanguage(language)
        let subject = language(
            "有 \(tasks.count) 项新任务", tasks.count == 1 ? "A new task" : "\(tasks.count) new tasks")
        let link = "\(address)/tasks"
        let rows = tasks.map { $0.text.isEmpty ? $0.title : "\($0.title) – \($0.text)" }
        let html = rows.map { "<li>\(HTMLText.escaped($0))</li>" }.joined()
        let open = language("打开任务清单", "Open the list of tasks")
        return EmailLetter(
            subject: subject,
            html: "<p>\(subject)</p><ul>\(html)</ul><p><a href=\"\(HTMLText.escaped(link))\">\(open)</a></p>",
            text: ([subject, ""] + rows.map { "- \($0)" } + ["", "\(open): \(link)"]).joined(separator: "\n"))
    }
}
