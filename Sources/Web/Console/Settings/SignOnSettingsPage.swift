import Engine
import Foundation

/// The brand's identity provider.
struct SignOnSettingsModel: PageModel {
    var isOn: Bool
    var issuer: String
    var clientID: String
    var hasSecret: Bool
    var domains: String
    var newcomers: [Choice]
    var roleClaim: String
    /// One `value = role` a line.
    var roles: String
    var callback: String
    var revision: String
    var problem: String?
}

enum SignOnSettingsPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let settings = try await request.platform.store.read { try SignOnSettings.load($0) }
        return try answer(request, settings, revision: Revision(of: settings).text)
    }

    static func save(_ request: PageRequest) async throws -> Reply {
        let form = request.form
        let (actor, now, platform, seen) = (request.actor, request.now, request.platform, form["revision"])
        var wanted = SignOnSettings()
        wanted.isOn = form["on"] != nil
        wanted.issuer = form.text("issuer").trimmingCharacters(in: .whitespaces)
        wanted.clientID = form.text("client").trimmingCharacters(in: .whitespaces)
        wanted.domains = words(form.text("domains"))
        wanted.newcomerRole = Role(rawValue: form.text("newcomers"))
        wanted.roleClaim = form.text("role_claim").trimmingCharacters(in: .whitespaces)
        let secret = form.text("secret")
        do {
            wanted.roles = try roles(form.text("roles"))
            let mine = wanted
            try await platform.store.write { connection in
                let current = try SignOnSettings.load(connection)
                try Revision.check(seen, against: current)
                var saved = mine
                // An empty field keeps the secret, which is never shown.
                if !secret.isEmpty {
                    saved.keep(secret: secret, platform.seal, platform.effects)
                } else if form["no_secret"] == nil {
                    try saved.keepSecret(of: current)
                }
                try saved.save(by: actor, connection, at: now)
            }
        } catch let error as SignOnError {
            return try answer(request, wanted, revision: seen ?? "", problem: problem(error, request))
        } catch let conflict as EditConflict {
            return try await meet(conflict, wanted, request)
        }
        return .redirect(to: "/settings/sign-on", notice: "frame.saved")
    }

    private static func problem(_ error: SignOnError, _ request: PageRequest) -> String {
        switch error {
        case .badIssuer: request.text("settings.sso_bad_issuer")
        case .badClient: request.text("settings.sso_bad_client")
        case .badDomains: request.text("settings.sso_bad_domains")
        case .secretAgain: request.text("settings.sso_secret_again")
        default: request.text("settings.sso_bad_roles")
        }
    }

    private static func words(_ text: String) -> [String] {
        text.lowercased().split { $0 == "," || $0.isWhitespace }.map(String.init)
    }

    /// Throws: `SignOnError.badRoles`.
    private static func roles(_ text: String) throws -> [String: Role] {
        var roles: [String: Role] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let sides = line.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            if sides.allSatisfy(\.isEmpty) { continue }
            guard sides.count == 2, !sides[0].isEmpty, let role = Role(rawValue: sides[1]) else {
                throw SignOnError.badRoles
            }
            roles[sides[0]] = role
        }
        return roles
    }

    private static func lines(_ roles: [String: Role]) -> String {
        roles.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value.rawValue)" }.joined(separator: "\n")
    }

    private static func meet(
        _ conflict: EditConflict, _ mine: SignOnSettings, _ request: PageRequest
    ) async throws -> Reply {
        let theirs = try await request.platform.store.read { try SignOnSettings.load($0) }
        func role(_ settings: SignOnSettings) -> String {
            settings.newcomerRole.map { request.text("roles.\($0.rawValue)") } ?? request.text("settings.sso_nobody")
        }
        return EditConflictPage.answer(
            request, conflict,
            rows: [
                (
                    request.text("settings.sso_on"), EditConflictPage.yesOrNo(mine.isOn, request),
                    EditConflictPage.yesOrNo(theirs.isOn, request)
                ),
                (request.text("settings.sso_issuer"), mine.issuer, theirs.issuer),
                (request.text("settings.sso_client"), mine.clientID, theirs.clientID),
                (
                    request.text("settings.sso_domains"), mine.domains.joined(separator: ", "),
                    theirs.domains.joined(separator: ", ")
                ),
                (request.text("settings.sso_newcomers"), role(mine), role(theirs)),
                (request.text("settings.sso_role_claim"), mine.roleClaim, theirs.roleClaim),
                (request.text("settings.sso_roles"), lines(mine.roles), lines(theirs.roles)),
            ], back: "/settings/sign-on")
    }

    private static func answer(
        _ request: PageRequest, _ settings: SignOnSettings, revision: String, problem: String? = nil
    ) throws -> Reply {
        let chosen = settings.newcomerRole?.rawValue ?? ""
        let model = SignOnSettingsModel(
            isOn: settings.isOn, issuer: settings.issuer, clientID: settings.clientID,
            hasSecret: !settings.sealedSecret.isEmpty, domains: settings.domains.joined(separator: ", "),
            newcomers: [Choice("", request.text("settings.sso_nobody"), chosen: chosen)]
                + Role.allCases.reversed().map {
                    Choice($0.rawValue, request.text("roles.\($0.rawValue)"), chosen: chosen)
                }, roleClaim: settings.roleClaim,
            roles: problem == nil ? lines(settings.roles) : request.form.text("roles"),
            callback: request.address + SignOnPages.callbackPath, revision: revision, problem: problem)
        return .page(
            Page(
                "settings/sign-on", title: request.text("settings.sso"),
                crumbs: [Crumb(request.text("settings.title"), "/settings")], model: model,
                status: problem == nil ? .ok : .unprocessableContent))
    }
}
