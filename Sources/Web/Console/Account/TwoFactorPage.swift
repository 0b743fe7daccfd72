import Engine

/// Setting up, renewing and ending one's own second factor.
struct TwoFactorModel: PageModel {
    /// Nothing is set up; `isPending`: the secret is shown and waits for its first code.
    var isOff: Bool
    var isPending: Bool
    var isOn: Bool
    var isRequired: Bool
    var hasPassword: Bool
    var since: String
    var codesLeft: String
    var code: Picture?
    /// The secret in groups of four, for typing.
    var secret: String
    /// Recovery codes just made, shown this once.
    var recoveryCodes: [String]
    var hasRecoveryCodes: Bool
    var problem: String?

    struct Picture: Encodable, Sendable {
        var side: String
        var path: String
    }
}

enum TwoFactorPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        try await answer(request)
    }

    /// Asks for the password once more, makes a secret, and shows it.
    static func begin(_ request: PageRequest) async throws -> Reply {
        try await mending(request) {
            let (user, platform) = (request.user, request.platform)
            try await SignIn.confirm(password: request.form.text("current"), of: user, on: platform.store)
            try await platform.store.write { try TwoFactor.begin(user, platform.seal, $0, platform.effects) }
            return .redirect(to: "/account/two-factor")
        }
    }

    static func confirm(_ request: PageRequest) async throws -> Reply {
        try await mending(request) {
            let (user, platform, code) = (request.user, request.platform, request.form.text("code"))
            let session = request.session
            let (codes, rotated) = try await platform.store.write { connection in
                let codes = try TwoFactor.confirm(user, code: code, platform.seal, connection, platform.effects)
                // Sessions that no code has proved do not outlive it.
                try Sessions.closeOthers(than: session.tokenHash, of: user.id, connection)
                return (codes, try Sessions.rotate(session, connection, platform.effects))
            }
            return try await answer(request, codes: codes, session: rotated)
        }
    }

    static func renewCodes(_ request: PageRequest) async throws -> Reply {
        try await mending(request) {
            let (user, platform) = (request.user, request.platform)
            try await SignIn.confirm(password: request.form.text("current"), of: user, on: platform.store)
            let codes = try await platform.store.write { connection in
                guard user.twoFactorSince != nil else { throw AccountError.wrongCode }
                return try TwoFactor.renewRecoveryCodes(of: user.id, connection, platform.effects)
            }
            return try await answer(request, codes: codes)
        }
    }

    static func turnOff(_ request: PageRequest) async throws -> Reply {
        try await mending(request) {
            let (user, platform, actor, now) = (request.user, request.platform, request.actor, request.now)
            try await SignIn.confirm(password: request.form.text("current"), of: user, on: platform.store)
            let session = request.session
            let rotated = try await platform.store.write { connection in
                try TwoFactor.turnOff(user.id, by: actor, connection, at: now)
                return try Sessions.rotate(session, connection, platform.effects)
            }
            return .redirect(to: "/account/two-factor", notice: "account.two_factor_ended", session: rotated)
        }
    }

    private static func mending(_ request: PageRequest, _ work: () async throws -> Reply) async throws -> Reply {
        do {
            return try await work()
        } catch let error as AccountError {
            return try await answer(request, problem: AccountPage.text(error, request))
        } catch SealError.unreadable {
            return try await answer(request, problem: request.text("account.seal_unreadable"))
        }
    }

    private static func answer(
        _ request: PageRequest, codes: [String] = [], session: OpenedSession? = nil, problem: String? = nil
    ) async throws -> Reply {
        let (id, seal) = (request.user.id, request.platform.seal)
        let (user, standing, pending) = try await request.platform.store.read { connection in
            guard let user = try Users.find(id: id, connection) else { throw PageFailure.signInNeeded }
            // A secret that cannot be read any more is as good as none: setting up begins anew.
            let pending = try Result { try TwoFactor.pending(of: user, seal, connection) }.orNilWhenUnreadable()
            return (user, try TwoFactor.standing(of: id, connection), pending)
        }
        let picture = pending.flatMap { QRCode($0.address(issuer: request.workspace.name, account: user.email)) }
        let isOn = user.twoFactorSince != nil
        let model = TwoFactorModel(
            isOff: !isOn && pending == nil, isPending: pending != nil, isOn: isOn,
            isRequired: request.workspace.requiresTwoFactor, hasPassword: user.hasPassword,
            since: standing.since.map { request.wording.date($0) } ?? "",
            codesLeft: request.text("account.codes_left", count: Int64(standing.recoveryCodesLeft)),
            code: picture.map { TwoFactorModel.Picture(side: String($0.side), path: $0.path) },
            secret: pending.map { groups(Base32.text($0.secret)) } ?? "", recoveryCodes: codes,
            hasRecoveryCodes: !codes.isEmpty, problem: problem)
        var page = Page(
            "account/two-factor", title: request.text("account.two_factor"),
            crumbs: [Crumb(request.text("frame.account"), "/account")], model: model,
            status: problem == nil ? .ok : .unprocessableContent)
        page.session = session
        return .page(page)
    }

    private static func groups(_ text: String) -> String {
        stride(from: 0, to: text.count, by: 4).map { start in
            String(text.dropFirst(start).prefix(4))
        }.joined(separator: " ")
    }
}

extension Result where Success == TOTP? {
    fileprivate func orNilWhenUnreadable() throws -> TOTP? {
        if case .failure(let error) = self, error as? SealError == .unreadable { return nil }
        return try get()
    }
}
