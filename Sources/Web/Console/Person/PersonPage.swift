import Engine
import Storage

/// One person: the page, the way a merge is undone, and a merged person's way to the one they turned out to be.
enum PersonPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("person")
        let facts = try await load(id, request)
        if facts.detail.profile.id != id {
            return .redirect(to: "/people/\(facts.detail.profile.id)", notice: "person.was_merged")
        }
        return page(PersonPageBuilder(facts: facts, request: request).model(), request)
    }

    static func undoMerge(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("person")
        let merge = try request.id("merge")
        let (now, effects, actor) = (request.now, request.platform.effects, request.actor)
        do {
            try await request.platform.store.write { connection in
                let (event, moved) = try Unmerge.undo(merge, at: now, connection)
                try PersonRefill.enqueue(IdentityEvents.people(of: event), effects: effects, connection)
                try SystemEventLog.append([event] + moved, now: now, effects: effects, to: connection)
                try AuditLog.append(
                    actor: actor, action: "merge.undo", subject: "profile:\(id)", detail: String(merge), connection,
                    at: now)
            }
        } catch let error as ProfileError {
            var model = PersonPageBuilder(facts: try await load(id, request), request: request).model()
            model.problem = text(error, request)
            return page(model, request)
        }
        return .redirect(to: "/people/\(id)", notice: "person.merge_undone")
    }

    static func undoUnlink(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("person")
        let unlink = try request.id("unlink")
        let (now, effects, actor) = (request.now, request.platform.effects, request.actor)
        do {
            try await request.platform.store.write { connection in
                let event = try Relink.undo(unlink, at: now, connection)
                try PersonRefill.enqueue([event.profileID], effects: effects, connection)
                try SystemEventLog.append([event], now: now, effects: effects, to: connection)
                try AuditLog.append(
                    actor: actor, action: "unlink.undo", subject: "profile:\(id)", detail: String(unlink), connection,
                    at: now)
            }
        } catch let error as ProfileError {
            var model = PersonPageBuilder(facts: try await load(id, request), request: request).model()
            model.problem = text(error, request)
            return page(model, request)
        }
        return .redirect(to: "/people/\(id)", notice: "person.identity_relinked")
    }

    private static func load(_ id: Int64, _ request: PageRequest) async throws -> PersonFacts {
        do {
            return try await request.platform.store.read { connection in
                let detail = try ProfileDetail.load(id, connection)
                let ids = [detail.profile.id] + detail.mergedIDs
                let recipient = try RecipientFacts.load(id, try Workspace.load(connection), connection)
                return PersonFacts(
                    detail: detail, merges: try MergeHistory.load(of: detail.profile.id, connection),
                    unlinks: try UnlinkRecord.list(of: detail.profile.id, connection),
                    changes: try StageHistory.list(profileID: detail.profile.id, connection, limit: 1),
                    lifecycle: try CurrentLifecycle.load(connection),
                    purchaseDays: try PurchaseDays.load(
                        [detail.profile.id], try Workspace.load(connection).calendar, connection)[detail.profile.id]
                        ?? [],
                    rfm: try PersonRFM.load(detail.profile.id, connection), sources: try Sources.list(connection),
                    classes: try CatalogueList.traitClasses(connection),
                    said: try MessageConsents.of(ids, connection), optIns: try OptIns.of(ids, connection),
                    preferred: try recipient.flatMap { try MessagePreferences.channel(of: $0, connection) },
                    policy: try MessagePolicy.load(connection))
            }
        } catch ProfileError.notFound {
            throw PageFailure.notFound
        }
    }

    private static func page(_ model: PersonModel, _ request: PageRequest) -> Reply {
        .page(
            Page(
                "person/page", title: model.name, crumbs: [Crumb(request.text("people.title"), "/people")],
                model: model, status: model.problem == nil ? .ok : .conflict))
    }

    private static func text(_ error: ProfileError, _ request: PageRequest) -> String {
        switch error {
        case .mergeIsBuriedUnder: request.text("person.problem_buried")
        case .erased: request.text("person.problem_erased")
        case .identityTaken: request.text("person.problem_taken")
        case .unlinkNotFound: request.text("person.problem_relinked")
        default: request.text("person.problem_undone")
        }
    }
}

/// What the page reads, in one snapshot.
struct PersonFacts: Sendable {
    var detail: ProfileDetail
    var merges: [MergeHistory.Entry]
    var unlinks: [UnlinkRecord]
    var changes: [StageChange]
    var lifecycle: CurrentLifecycle
    /// Ascending.
    var purchaseDays: [Int64]
    var rfm: PersonRFM?
    var sources: [Source]
    var classes: [String: TraitClass]
    /// What was said and asked about being written to, and the rules it is read by.
    var said: [MessageConsents.Entry]
    var optIns: [OptIn]
    var preferred: String?
    var policy: MessagePolicy
}
