import Engine
import Storage

/// What runs in the background, for the tray that stands on every page: imports, exports, and the models.
///
/// Answers JSON, which `tray.js` asks for: often while something runs, rarely else.
enum WorkTray {
    private static let endedSeconds: Int64 = 120

    static func show(_ request: PageRequest) async throws -> Reply {
        let role = request.user.role
        var kinds: [String] = []
        if role.may(.importData) { kinds.append(Imports.jobKind) }
        if role.may(.exportPeople) { kinds.append(Exports.jobKind) }
        if role.may(.readInsights) { kinds += [LifecycleRefresh.kind, RFMRefresh.kind] }
        if role.may(.manageSegments) { kinds.append(TagBulk.kind) }
        guard !kinds.isEmpty else { return .json(#"{"work":[]}"#) }
        let (wanted, user, now) = (kinds, request.user.id, request.now)
        let since = now.adding(milliseconds: -endedSeconds * 1000)
        let work = try await request.platform.store.read { connection in
            try JobQueue.current(connection, kinds: wanted, of: user, endedSince: since, at: now)
                .compactMap { try item($0, request, connection) }
        }
        return .json(JSONValue.object(["work": .array(work)]).text())
    }

    private static func item(
        _ job: Job, _ request: PageRequest, _ connection: any SQLConnection
    ) throws -> JSONValue? {
        var title = request.text("work.kind_\(job.kind)")
        var href: String?
        switch job.kind {
        case Exports.jobKind:
            guard job.createdBy == request.user.id, let id = subject(job) else { return nil }
            do {
                let export = try Exports.get(id, connection)
                title = export.name
                href = job.status == .done ? "/exports/\(id)/file" : "/exports"
            } catch ExportError.notFound {
                return nil
            }
        case Imports.jobKind:
            guard let id = subject(job) else { return nil }
            do { title = try Imports.get(id, connection).fileName } catch ImportError.notFound { return nil }
            href = "/imports/\(id)"
        case LifecycleRefresh.kind: href = "/lifecycle"
        case TagBulk.kind: href = "/tags"
        default: href = "/rfm"
        }
        let share = job.progress.total.flatMap { $0 > 0 ? min(Double(job.progress.done) / Double($0), 1) : nil }
        return .object([
            "id": .string(String(job.id)), "title": .string(title), "href": JSONValue(href),
            "state": .string(request.text("work.status_\(job.status.rawValue)")),
            "ended": .bool(!job.status.isLiving), "failed": .bool(job.status == .failed),
            "ready": .bool(job.kind == Exports.jobKind && job.status == .done), "share": JSONValue(share),
            "detail": .string(share.map { request.wording.percent($0, digits: 0) } ?? ""),
        ])
    }

    /// The number behind the colon of `import:4711`.
    private static func subject(_ job: Job) -> Int64? {
        job.key.split(separator: ":").last.flatMap { Int64($0) }
    }
}
