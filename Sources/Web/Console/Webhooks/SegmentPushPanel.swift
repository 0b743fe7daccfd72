import Engine
import Storage

/// The webhooks at which a segment is kept up to date.
struct SegmentPushModel: PageModel {
    struct Row: Encodable, Sendable {
        var endpoint: String
        var name: String
        var progress: String
    }

    var id: String
    var rows: [Row]
    var hasRows: Bool
    var choices: [Choice]
    var hasChoices: Bool
    var mayMake: Bool
}

enum SegmentPushPanel {
    static func show(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("segment")
        let (pushes, endpoints, jobs) = try await request.platform.store.read { connection in
            let pushes = try WebhookPushes.list(segment: id, connection)
            return (pushes, try Webhooks.list(connection), try pushes.map { try job($0, connection) })
        }
        let names = Dictionary(endpoints.map { ($0.id, name($0)) }) { first, _ in first }
        let taken = Set(pushes.map(\.endpointID))
        let rows = zip(pushes, jobs).map { push, job in
            SegmentPushModel.Row(
                endpoint: String(push.endpointID), name: names[push.endpointID] ?? "",
                progress: words(job, since: push.createdAt, request))
        }
        let free = endpoints.filter { $0.status == .enabled && !taken.contains($0.id) }
        let model = SegmentPushModel(
            id: String(id), rows: rows, hasRows: !rows.isEmpty,
            choices: free.map { Choice(String($0.id), name($0), chosen: "") }, hasChoices: !free.isEmpty,
            mayMake: request.user.role.may(.manageSources))
        return .panel(template: "segments/pushes", model: model)
    }

    static func begin(_ request: PageRequest) async throws -> Reply {
        let (id, endpoint) = (try request.id("segment"), request.form.int("webhook") ?? 0)
        let effects = request.platform.effects
        do {
            _ = try await request.platform.store.write {
                try WebhookPushes.begin(id, to: endpoint, by: request.actor, effects, $0)
            }
        } catch WebhookError.notFound, SegmentError.notFound {
            throw PageFailure.notFound
        } catch let error as WebhookError {
            return try await SegmentPage.answer(request, problem: WebhookWords.problem(error, request))
        }
        return .redirect(to: "/segments/\(id)", notice: "webhook.push_begun")
    }

    static func end(_ request: PageRequest) async throws -> Reply {
        let (id, endpoint) = (try request.id("segment"), try request.id("webhook"))
        do {
            try await request.platform.store.write {
                try WebhookPushes.end(id, at: endpoint, by: request.actor, $0, at: request.now)
            }
        } catch WebhookError.pushNotFound {
            throw PageFailure.notFound
        }
        return .redirect(to: "/segments/\(id)", notice: "webhook.push_ended")
    }

    private static func name(_ endpoint: WebhookEndpoint) -> String {
        endpoint.description.isEmpty ? endpoint.url : endpoint.description
    }

    /// Finished jobs are forgotten in time.
    private static func job(_ push: WebhookPush, _ connection: any SQLConnection) throws -> Job? {
        do {
            return try JobQueue.get(connection, id: push.jobID)
        } catch JobError.notFound {
            return nil
        }
    }

    private static func words(_ job: Job?, since: Timestamp, _ request: PageRequest) -> String {
        switch job?.status {
        case .failed: request.text("webhook.push_failed")
        case .waiting, .running, .cancelling:
            request.text("webhook.push_sending", ["people": request.wording.number(job?.progress.done ?? 0)])
        default:
            request.text("webhook.push_follows", ["when": request.wording.shortDate(since, now: request.now)])
        }
    }
}
