import Engine
import Storage

/// The mailbox that letters come back to, on the page of mail.
struct BounceMailboxModel: Encodable, Sendable {
    /// `checked`; nil: it is not read.
    var enabled: String?
    var host: String
    var port: String
    var securities: [Choice]
    var user: String
    var hasPassword: Bool
    var folder: String
    var everyMinutes: String
    var keepings: [Choice]
    var isSetUp: Bool
    /// When it was last read, and what that came to.
    var facts: [Fact]
    var hasFacts: Bool
    var failing: String?

    struct Fact: Encodable, Sendable {
        var label: String
        var value: String
    }
}

enum BounceMailboxCard {
    static func save(_ request: PageRequest) async throws -> Reply {
        let (actor, platform) = (request.actor, request.platform)
        let draft = draft(request.form)
        let password = request.form.text("password")
        do {
            _ = try await platform.store.write { connection in
                try BounceMailbox.save(
                    draft, password: password.isEmpty ? nil : password, by: actor, platform.seal, platform.effects,
                    connection)
            }
            return .redirect(to: "/sending", notice: "frame.saved")
        } catch let error as EmailError {
            return try await EmailPage.answer(request, mailbox: draft, problem: EmailPage.problem(error, request))
        }
    }

    /// Opens the folder now and shows what the server said.
    static func trial(_ request: PageRequest) async throws -> Reply {
        do {
            let trial = try await BounceMailboxTrial.run(request.platform)
            if trial.isOpen {
                return try await EmailPage.answer(
                    request, said: request.text("sending.mailbox_opened", count: trial.letters))
            }
            return try await EmailPage.answer(
                request,
                problem: request.text("sending.mailbox_closed", ["answer": request.wording.network(trial.answer)]))
        } catch let error as EmailError {
            return try await EmailPage.answer(request, problem: EmailPage.problem(error, request))
        }
    }

    static func poll(_ request: PageRequest) async throws -> Reply {
        try await request.platform.store.write { try BounceMailboxState.hurry($0) }
        return .redirect(to: "/sending", notice: "sending.mailbox_polling")
    }

    private static func draft(_ form: Fields) -> BounceMailbox {
        var draft = BounceMailbox()
        draft.isOn = form["enabled"] == "1"
        draft.host = Whitespace.trim(form.text("host"))
        draft.port = Int(form.int("port") ?? 0)
        draft.security = SMTPServer.Security(rawValue: form.text("security")) ?? .tls
        draft.user = Whitespace.trim(form.text("user"))
        draft.folder = form.text("folder").isEmpty ? "INBOX" : form.text("folder")
        draft.everyMinutes = form.int("every_minutes") ?? 0
        draft.keeping = BounceMailbox.Keeping(rawValue: form.text("keeping")) ?? .seen
        return draft
    }

    /// `shown`: what somebody typed and could not be saved.
    static func model(
        _ stored: BounceMailbox, _ state: BounceMailboxState?, shown: BounceMailbox?, _ request: PageRequest
    ) -> BounceMailboxModel {
        let settings = shown ?? stored
        let facts = state.map { Self.facts($0, request) } ?? []
        return BounceMailboxModel(
            enabled: settings.isOn ? "checked" : nil, host: settings.host, port: String(settings.port),
            securities: SMTPServer.Security.allCases.map {
                Choice($0.rawValue, request.text("sending.security_\($0.rawValue)"), chosen: settings.security.rawValue)
            }, user: settings.user, hasPassword: stored.hasPassword, folder: settings.folder,
            everyMinutes: String(settings.everyMinutes),
            keepings: BounceMailbox.Keeping.allCases.map {
                Choice(
                    $0.rawValue, request.text("sending.mailbox_keeping_\($0.rawValue)"),
                    chosen: settings.keeping.rawValue)
            }, isSetUp: stored.isSetUp, facts: facts, hasFacts: !facts.isEmpty,
            failing: state.flatMap { state in
                state.failures > 0 && stored.isOn
                    ? request.text(
                        "sending.mailbox_failing", ["detail": request.wording.network(state.error)],
                        count: state.failures) : nil
            })
    }

    private static func facts(_ state: BounceMailboxState, _ request: PageRequest) -> [BounceMailboxModel.Fact] {
        let wording = request.wording
        var facts: [BounceMailboxModel.Fact] = []
        let add = { (key: String, value: String) in
            BounceMailboxModel.Fact(label: request.text(key), value: value)
        }
        if let polledAt = state.polledAt { facts.append(add("sending.mailbox_polled", wording.dateTime(polledAt))) }
        if state.polledAt != nil || state.letters > 0 {
            facts.append(add("sending.mailbox_letters", wording.number(state.letters)))
            facts.append(add("sending.mailbox_reports", wording.number(state.reports)))
        }
        if state.skipped > 0 { facts.append(add("sending.mailbox_skipped", wording.number(state.skipped))) }
        if let errorAt = state.errorAt {
            let words = wording.network(state.error)
            facts.append(add("sending.mailbox_error", "\(wording.dateTime(errorAt)) · \(words)"))
        }
        return facts
    }
}
