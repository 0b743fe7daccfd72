import Engine
import Storage

/// How mail leaves.
struct EmailSettingsModel: PageModel {
    struct Record: Encodable, Sendable {
        var id: String
        var name: String
        var value: String
    }

    var host: String
    var port: String
    var securities: [Choice]
    var user: String
    var hasPassword: Bool
    var fromName: String
    var fromAddress: String
    var replyTo: String
    var bounceDomain: String
    var dkimDomain: String
    var dkimSelector: String
    var perSecond: String
    var perDomainMinute: String
    var isSetUp: Bool
    var records: [Record]
    var hasRecords: Bool
    var trialTo: String
    var mailbox: BounceMailboxModel
    var closed: String?
    var said: String?
    var problem: String?
}

enum EmailPage {
    static func show(_ request: PageRequest) async throws -> Reply { try await answer(request) }

    static func save(_ request: PageRequest) async throws -> Reply {
        let (form, actor, platform) = (request.form, request.actor, request.platform)
        let draft = draft(form)
        let password = form.text("password")
        do {
            _ = try await platform.store.write { connection in
                try EmailSettings.save(
                    draft, password: password.isEmpty ? nil : password, by: actor, platform.seal, platform.effects,
                    connection)
            }
            return .redirect(to: "/sending", notice: "frame.saved")
        } catch let error as EmailError {
            return try await answer(request, shown: draft, problem: problem(error, request))
        }
    }

    static func renewKeys(_ request: PageRequest) async throws -> Reply {
        let (actor, platform) = (request.actor, request.platform)
        _ = try await platform.store.write {
            try EmailSettings.renewKeys(by: actor, platform.seal, platform.effects, $0)
        }
        return .redirect(to: "/sending", notice: "frame.saved")
    }

    static func open(_ request: PageRequest) async throws -> Reply {
        try await request.platform.store.write { try MessageGate.open("email", $0) }
        return .redirect(to: "/sending", notice: "frame.saved")
    }

    /// Sends a letter now and shows what the server said.
    static func trial(_ request: PageRequest) async throws -> Reply {
        let channel = EmailChannel.overSMTP(connections: 1)
        do {
            let answer = try await channel.trial(
                to: request.form.text("to"), request.wording.language, request.platform)
            if answer.kind == .accepted {
                return try await self.answer(request, said: request.text("sending.trial_done", ["answer": answer.text]))
            }
            return try await self.answer(
                request,
                problem: request.text("sending.trial_failed", ["answer": request.wording.network(answer.text)]))
        } catch let error as EmailError {
            return try await answer(request, problem: problem(error, request))
        }
    }

    private static func draft(_ form: Fields) -> EmailSettings {
        var draft = EmailSettings()
        draft.host = form.text("host")
        draft.port = Int(form.int("port") ?? 0)
        draft.security = SMTPServer.Security(rawValue: form.text("security")) ?? .starttls
        draft.user = form.text("user")
        draft.fromName = form.text("from_name")
        draft.fromAddress = form.text("from_address")
        draft.replyTo = form.text("reply_to")
        draft.bounceDomain = form.text("bounce_domain")
        draft.dkimDomain = form.text("dkim_domain")
        draft.dkimSelector = form.text("dkim_selector").isEmpty ? "perennial" : form.text("dkim_selector")
        draft.perSecond = form.int("per_second") ?? 0
        draft.perDomainMinute = form.int("per_domain_minute") ?? 0
        return draft
    }

    static func problem(_ error: EmailError, _ request: PageRequest) -> String {
        switch error {
        case .notSetUp: request.text("sending.problem_not_set_up")
        case .badHost: request.text("sending.problem_host")
        case .badPort: request.text("sending.problem_port")
        case .badAddress(_, let address): request.text("sending.problem_address", ["address": address])
        case .badDomain(_, let domain): request.text("sending.problem_domain", ["domain": domain])
        case .badSelector: request.text("sending.problem_selector")
        case .badKey: request.text("sending.problem_key")
        case .badText: request.text("sending.problem_text")
        case .passwordAgain: request.text("sending.problem_password_again")
        case .noMailbox: request.text("sending.problem_no_mailbox")
        case .badFolder: request.text("sending.problem_folder")
        case .badInterval: request.text("sending.problem_interval")
        }
    }

    static func answer(
        _ request: PageRequest, shown: EmailSettings? = nil, mailbox: BounceMailbox? = nil, said: String? = nil,
        problem: String? = nil
    ) async throws -> Reply {
        let (stored, gate, kept, state) = try await request.platform.store.read {
            (
                try EmailSettings.load($0), try MessageGate.load("email", $0), try BounceMailbox.load($0),
                try BounceMailboxState.load($0)
            )
        }
        let settings = shown ?? stored
        let records = try stored.records(request.platform.seal)
        var closed: String?
        if let gate, let until = gate.closedUntil, until > request.now {
            closed = request.text(
                "sending.closed",
                ["when": request.wording.dateTime(until), "detail": request.wording.network(gate.detail)])
        }
        let model = EmailSettingsModel(
            host: settings.host, port: String(settings.port),
            securities: SMTPServer.Security.allCases.map {
                Choice($0.rawValue, request.text("sending.security_\($0.rawValue)"), chosen: settings.security.rawValue)
            }, user: settings.user, hasPassword: stored.hasPassword, fromName: settings.fromName,
            fromAddress: settings.fromAddress, replyTo: settings.replyTo, bounceDomain: settings.bounceDomain,
            dkimDomain: settings.dkimDomain, dkimSelector: settings.dkimSelector,
            perSecond: String(settings.perSecond), perDomainMinute: String(settings.perDomainMinute),
            isSetUp: stored.isSetUp,
            records: records.enumerated().map {
                EmailSettingsModel.Record(id: "record-\($0.offset)", name: $0.element.name, value: $0.element.value)
            },
            hasRecords: !records.isEmpty, trialTo: request.form["to"] ?? request.user.email,
            mailbox: BounceMailboxCard.model(kept, state, shown: mailbox, request), closed: closed, said: said,
            problem: problem)
        return .page(
            Page(
                "sending/email", title: request.text("sending.title"), model: model,
                status: problem == nil ? .ok : .unprocessableContent))
    }
}
