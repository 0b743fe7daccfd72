import Engine
import Storage

/// Links that let one member into the member centre.
enum CentreEndpoints {
    private static let tag = "Member centre"

    private static let fields = [
        APIField("id", .id), APIField("member_id", .id), APIField("once", .boolean, "Worth one opening."),
        APIField("created_at", .timestamp), APIField("created_by", .string()), APIField("expires_at", .timestamp),
        APIField("used_at", .nullable(.timestamp), "First opened."), APIField("revoked_at", .nullable(.timestamp)),
        APIField("living", .boolean, "Whether it opens anything now."),
    ]
    private static let link = APISchema.named("CentreLink", .object(fields))
    private static let newLink = APISchema.named(
        "NewCentreLink",
        .object(fields + [APIField("path", .string(), "To be put behind the server's address. Shown this once.")]))

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/members/{id}/centre-links", "listCentreLinks", tag: tag,
            "A member's links to the member centre, the newest first, without their addresses.",
            access: .scope(.loyaltyRead), parameters: [.path("id")],
            response: .object([APIField("items", .array(link))]), handler: list),
        APIRoute(
            .post, "/api/v1/members/{id}/centre-links", "createCentreLink", tag: tag,
            "Make a link. Whoever has it is the member: give it to nobody else.", access: .scope(.loyaltyWrite),
            parameters: [.path("id")],
            body: .json(
                .object([
                    .optional("once", .boolean, "Worth one opening; true unless told. Else it opens until it expires."),
                    .optional("hours", .integer(1...8_760), "How long it lasts; as the settings say unless told."),
                ])), status: .created, response: newLink, isSecret: true, handler: make),
        APIRoute(
            .post, "/api/v1/members/{id}/centre-links/{link_id}/revocation", "revokeCentreLink", tag: tag,
            "Take a link back at once; who came in by it is out.", access: .scope(.loyaltyWrite),
            parameters: [.path("id"), .path("link_id")], response: link, handler: revoke),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, now) = (try request.id("id"), context.platform.effects.now())
        let links = try await context.platform.store.read { connection in
            try CentreLinks.list(of: try PointsAccounts.get(id, connection).profileID, connection)
        }
        return APIResponse(
            ["items": .array(links.filter { !$0.isPreview }.map { .object(json($0, id, at: now)) })])
    }

    @Sendable private static func make(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, effects) = (try request.id("id"), request.caller.actor, context.platform.effects)
        let wish = CentreLinks.Wish(
            isOnce: request.body["once"]?.boolValue ?? true,
            hours: request.body["hours"]?.intValue.flatMap { Int(exactly: $0) })
        let made = try await context.platform.store.write {
            try CentreLinks.make(for: id, wish, by: actor, effects, $0)
        }
        var members = json(made.link, id, at: effects.now())
        members["path"] = .string(CentreLink.path(made.token))
        return APIResponse(.object(members))
    }

    @Sendable private static func revoke(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, link, actor) = (try request.id("id"), try request.id("link_id"), request.caller.actor)
        let now = context.platform.effects.now()
        let revoked = try await context.platform.store.write {
            try CentreLinks.revoke(link, of: id, by: actor, at: now, $0)
        }
        return APIResponse(.object(json(revoked, id, at: now)))
    }

    private static func json(_ link: CentreLink, _ member: Int64, at now: Timestamp) -> [String: JSONValue] {
        [
            "id": JSONValue(id: link.id), "member_id": JSONValue(id: member), "once": .bool(link.isOnce),
            "created_at": JSONValue(link.createdAt), "created_by": .string(link.createdBy),
            "expires_at": JSONValue(link.expiresAt), "used_at": JSONValue(link.usedAt),
            "revoked_at": JSONValue(link.revokedAt), "living": .bool(link.isLiving(at: now)),
        ]
    }
}

extension Problem {
    static func centre(_ error: CentreError) -> Problem {
        switch error {
        case .off: return Problem(.conflict, "member_centre_off", "The member centre is turned off.")
        case .linkNotFound: return .notFound("link of this member")
        case .invalid(let field, let reason):
            return Problem(
                .unprocessableContent, "invalid", "The member centre cannot use this.",
                flaws: [Flaw("body.\(Self.centreFields[field] ?? field)", reason)])
        case .keyNotFound: return .notFound("key")
        case .tooMany(let what, let limit):
            return Problem(.conflict, "too_many", "At most \(limit) living \(what). Take one back first.")
        case .throttled(let seconds):
            return Problem(
                .tooManyRequests, "throttled", "Too often; try again in \(EnglishCount.text(seconds, "second")).",
                headers: [.retryAfter: String(seconds)])
        default: return Problem(.conflict, "refused", "That is not possible.")
        }
    }

    /// Fields of the form of keys, as bodies call them.
    private static let centreFields = ["key_name": "name", "key": "material"]
}
