import Storage

/// Hands gathered tasks to WeCom, and asks what employees did with them.
///
/// A task is written down as being handed over before the call, and what came of it afterwards: a process that dies in
/// between leaves it *unknown*, with its messages, and nothing hands it over again. What no employee confirmed within two
/// days is called off at WeCom first, and only then counts as not sent, so that another channel never says it as well.
struct WeComTasks: Sendable {
    let platform: Platform
    let catalog: ProviderCatalog

    private static let leaseMilliseconds: Int64 = 120_000
    private static let attemptsMax: Int64 = 8
    private static let backoffMilliseconds: Int64 = 30_000
    private static let firstLookMilliseconds: Int64 = 5 * 60_000
    private static let looksMaxMilliseconds: Int64 = 3 * 3_600_000
    private static let confirmMilliseconds: Int64 = 48 * 3_600_000

    /// Whether it is a task's turn; one that waits longer than its state lets any is of before the clock went back.
    private func isDue() -> SQL {
        let now = platform.effects.now().milliseconds
        return """
            (due_ms <= \(now) OR (state = 'handing' AND due_ms > \(now + 2 * Self.leaseMilliseconds))
                OR (state = 'waiting' AND due_ms > \(now + Self.looksMaxMilliseconds)))
            """
    }

    private func due(_ state: WeComTask.State, _ connection: any SQLConnection) throws -> WeComTask? {
        try connection.first(
            """
            SELECT \(raw: WeComTask.columns) FROM wecom_tasks WHERE state = \(state.rawValue)
                AND \(isDue()) ORDER BY due_ms, id
                LIMIT 1\(raw: connection.dialect.forUpdateSkipLocked)
            """
        ).map(WeComTask.init(row:))
    }

    private func isDue(_ states: [WeComTask.State]) async throws -> Bool {
        let isDue = isDue()
        return try await platform.store.read {
            try $0.first(
                """
                SELECT 1 FROM wecom_tasks WHERE state IN (\(list: states.map(\.rawValue))) AND \(isDue) LIMIT 1
                """) != nil
        }
    }

    /// One step. Returns whether there may be more that is due. Throws: `StorageError`, `CancellationError`.
    func step() async throws -> Bool {
        guard try await isDue([.gathering, .handing, .waiting]) else { return false }
        if try await sweep() { return true }
        let (provider, account, line) = try await catalog.line(WeCom.providerName, platform)
        guard account.isEnabled, let driver = provider as? WeCom, account.isComplete(driver) else { return false }
        let api = driver.api(line)
        if try await hand(api) { return true }
        return try await look(api)
    }

    /// What a process left behind that died while it handed a task over.
    private func sweep() async throws -> Bool {
        try await platform.store.write { connection in
            guard let task = try due(.handing, connection) else { return false }
            try end(task, .unknown, "cut_off", "", connection)
            return true
        }
    }

    // MARK: Handing over

    private func hand(_ api: WeChatAPI) async throws -> Bool {
        let now = platform.effects.now()
        typealias Claim = (task: WeComTask, people: [(message: Int64, external: String)])
        let claimed = try await platform.store.write { connection -> Claim? in
            guard let task = try due(.gathering, connection) else { return nil }
            let people = try WeComTask.waiting(task.id, connection)
            try connection.execute(
                """
                UPDATE wecom_tasks SET state = 'handing', attempts = attempts + 1,
                    due_ms = \(now.milliseconds + Self.leaseMilliseconds) WHERE id = \(task.id)
                """)
            return (task, people)
        }
        guard let (task, people) = claimed else { return false }
        let body = try WeComContent(stored: task.body).body(to: people.map(\.external))
        var answer = WeChatAPI.Answer.good([:])
        if !people.isEmpty { answer = await api.call(WeCom.taskPath, json: body) }
        let outcome = api.outcome(answer) { $0["msgid"]?.stringValue ?? "" }
        var failed: Set<String> = []
        if case .good(let body) = answer {
            failed = Set((body["fail_list"]?.arrayValue ?? []).compactMap(\.stringValue))
        }
        let lost = failed
        try await platform.store.write { try settle(task, people, outcome, lost, $0) }
        return true
    }

    private func settle(
        _ task: WeComTask, _ people: [(message: Int64, external: String)], _ outcome: MessageOutcome,
        _ failed: Set<String>, _ connection: any SQLConnection
    ) throws {
        let now = platform.effects.now()
        switch outcome {
        case .sent(let id, _, _):
            try connection.execute(
                """
                UPDATE wecom_tasks SET state = \(people.isEmpty || id.isEmpty ? "done" : "waiting"), provider_id = \(id),
                    detail = '', handed_ms = \(now.milliseconds),
                    due_ms = \(now.milliseconds + Self.firstLookMilliseconds) WHERE id = \(task.id)
                """)
            for one in people where failed.contains(one.external) {
                try refuse(one.message, one.external, "not_a_contact", connection)
            }
            try MessageGate.succeed(
                MessageClosure.account.scope(channel: WeCom.channelName, account: WeCom.providerName, template: 0),
                connection)
        case .retry(let reason, let detail, let after):
            guard task.attempts + 1 < Self.attemptsMax else {
                return try end(task, .refused, reason, detail, connection)
            }
            let pause = after ?? Self.backoffMilliseconds << min(2 * task.attempts, 12)
            try back(task, after: pause, detail, connection)
        case .closed(let reason, let detail, let closure):
            try MessageGate.fail(
                closure.scope(channel: WeCom.channelName, account: WeCom.providerName, template: 0), isRefusal: true,
                reason: reason, detail: detail, at: now, connection)
            // Until the account is put right; how often it was tried says nothing of the task.
            try back(task, after: Self.backoffMilliseconds, detail, connection, counts: false)
        case .bounced(let reason, let detail, _): try end(task, .refused, reason, detail, connection)
        case .unknown(let detail): try end(task, .unknown, "no_answer", detail, connection)
        case .delivered: return
        }
    }

    private func back(
        _ task: WeComTask, after pause: Int64, _ detail: String, _ connection: any SQLConnection, counts: Bool = true
    ) throws {
        let due = platform.effects.now().milliseconds + pause
        // Another task of the same content may have been opened meanwhile: this one gathers no more.
        try connection.execute(
            """
            UPDATE wecom_tasks SET state = 'gathering', content_key = \("again:\(task.id)"), detail = \(detail),
                due_ms = \(due), attempts = \(counts ? task.attempts + 1 : task.attempts) WHERE id = \(task.id)
            """)
    }

    /// Ends a task with all its messages.
    private func end(
        _ task: WeComTask, _ state: WeComTask.State, _ reason: String, _ detail: String,
        _ connection: any SQLConnection
    ) throws {
        let effects = platform.effects
        try connection.execute(
            """
            UPDATE wecom_tasks SET state = \(state.rawValue), detail = \(detail.isEmpty ? reason : detail)
            WHERE id = \(task.id)
            """)
        for one in try WeComTask.waiting(task.id, connection) {
            try connection.execute(
                "UPDATE wecom_task_people SET state = 'refused' WHERE message_id = \(one.message)")
            if state == .unknown {
                try MessageProgress.lose(one.message, reason, detail, effects, connection)
            } else {
                try MessageProgress.receive(
                    .bounced(reason: reason, detail: detail), of: one.message, channel: WeCom.channelName, effects,
                    connection)
            }
        }
    }

    private func refuse(
        _ message: Int64, _ external: String, _ reason: String, _ connection: any SQLConnection
    ) throws {
        let effects = platform.effects
        try connection.execute("UPDATE wecom_task_people SET state = 'refused' WHERE message_id = \(message)")
        try MessageProgress.receive(
            .bounced(reason: reason, detail: ""), of: message, channel: WeCom.channelName, effects, connection)
        if reason == "not_a_contact" {
            try Suppressions.add(
                WeCom.channelName, external, .bounce, detail: reason, message: message, by: "system",
                at: effects.now(), connection)
        }
    }

    // MARK: Looking

    private func look(_ api: WeChatAPI) async throws -> Bool {
        let now = platform.effects.now()
        let claimed = try await platform.store.write { connection -> WeComTask? in
            guard let task = try due(.waiting, connection) else { return nil }
            // The longer it stands, the rarer it is looked at; also what keeps another process from looking too.
            let age = now.milliseconds - (task.handedAt ?? now).milliseconds
            let pause = min(max(age, Self.firstLookMilliseconds), Self.looksMaxMilliseconds)
            try connection.execute(
                "UPDATE wecom_tasks SET due_ms = \(now.milliseconds + pause) WHERE id = \(task.id)")
            return task
        }
        guard let task = claimed else { return false }
        let results = try await WeComResults(api: api).of(task.providerID)
        let isLeft = try await platform.store.write { try apply(results, to: task, $0) }
        let isOver = now.milliseconds - (task.handedAt ?? now).milliseconds >= Self.confirmMilliseconds
        guard isLeft, isOver else { return true }
        let answer = await api.call(
            "/cgi-bin/externalcontact/cancel_groupmsg_send", json: ["msgid": .string(task.providerID)])
        guard case .good = answer else { return true }
        // Once it is called off nobody sends it any more: what was sent until then is asked for a last time.
        let last = try await WeComResults(api: api).of(task.providerID)
        try await platform.store.write { connection in
            guard try apply(last, to: task, connection) else { return }
            try end(task, .done, "not_confirmed", "", connection)
        }
        return true
    }

    /// Returns whether somebody is left of whom nothing is known.
    private func apply(
        _ results: [WeComResults.Result], to task: WeComTask, _ connection: any SQLConnection
    ) throws -> Bool {
        let effects = platform.effects
        let waiting = try WeComTask.waiting(task.id, connection)
        let known = Dictionary(results.map { ($0.external, $0.status) }, uniquingKeysWith: { max($0, $1) })
        for one in waiting {
            switch known[one.external] ?? .waiting {
            case .waiting: continue
            case .sent:
                try connection.execute(
                    "UPDATE wecom_task_people SET state = 'sent' WHERE message_id = \(one.message)")
                try MessageProgress.receive(
                    .delivered, of: one.message, channel: WeCom.channelName, effects, connection)
            case .notContact: try refuse(one.message, one.external, "not_a_contact", connection)
            case .full: try refuse(one.message, one.external, "month_full", connection)
            }
        }
        let isLeft = try !WeComTask.waiting(task.id, connection).isEmpty
        if !isLeft { try connection.execute("UPDATE wecom_tasks SET state = 'done' WHERE id = \(task.id)") }
        return isLeft
    }
}

/// What employees did with a task, customer by customer.
struct WeComResults: Sendable {
    let api: WeChatAPI

    enum Status: Int64, Sendable, Comparable {
        case waiting = 0
        case sent = 1
        case notContact = 2
        /// The customer has had as many group messages as WeCom allows.
        case full = 3

        /// Of several employees of one customer, one who sent it decides; then one who still may.
        private var rank: Int {
            switch self {
            case .notContact: 0
            case .full: 1
            case .waiting: 2
            case .sent: 3
            }
        }

        static func < (left: Status, right: Status) -> Bool { left.rank < right.rank }
    }

    struct Result: Sendable, Equatable {
        var external: String
        var status: Status
    }

    private static let pageRows: Int64 = 500
    private static let pagesMax = 100

    /// Empty while WeCom does not answer: it is looked at again.
    func of(_ task: String) async throws -> [Result] {
        var results: [Result] = []
        for employee in await rows("get_groupmsg_task", ["msgid": .string(task)], "task_list") {
            guard let user = employee["userid"]?.stringValue else { continue }
            let sent = await rows(
                "get_groupmsg_send_result", ["msgid": .string(task), "userid": .string(user)], "send_list")
            results += sent.compactMap { row in
                guard let external = row["external_userid"]?.stringValue,
                    let status = row["status"]?.intValue.flatMap(Status.init(rawValue:))
                else { return nil }
                return Result(external: external, status: status)
            }
        }
        try Task.checkCancellation()
        return results
    }

    private func rows(_ call: String, _ asked: [String: JSONValue], _ name: String) async -> [JSONValue] {
        var found: [JSONValue] = []
        var cursor = ""
        for _ in 0..<Self.pagesMax {
            var body = asked
            body["limit"] = .integer(Self.pageRows)
            if !cursor.isEmpty { body["cursor"] = .string(cursor) }
            guard case .good(let page) = await api.call("/cgi-bin/externalcontact/\(call)", json: .object(body)) else {
                return found
            }
            found += page[name]?.arrayValue ?? []
            cursor = page["next_cursor"]?.stringValue ?? ""
            if cursor.isEmpty { break }
        }
        return found
    }
}
