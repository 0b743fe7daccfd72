import Engine
import Storage

/// Hits that were not people's.
struct TrafficModel: PageModel {
    struct Row: Encodable, Sendable {
        var reason: String
        var agent: String
        var hits: String
        var seen: String
    }

    var figures: [FigureModel]
    var rows: [Row]
    var isEmpty: Bool
    var keeps: Bool
    var mayManage: Bool
    /// Of the policy that is shown.
    var revision: String
}

enum TrafficPage {
    private static let days = 30

    static func show(_ request: PageRequest) async throws -> Reply {
        let now = request.now
        let (rows, policy) = try await request.platform.store.read { connection in
            let period = ReportPeriod(days: days, through: try Workspace.load(connection).calendar.day(of: now))
            return (
                try FilteredTraffic.rows(first: period.first, last: period.last, connection),
                try TrafficPolicy.load(connection)
            )
        }
        let wording = request.wording
        let sums = Dictionary(grouping: rows, by: \.reason).mapValues { $0.reduce(0) { $0 + $1.hits } }
        let model = TrafficModel(
            figures: TrafficReason.allCases.map { reason in
                FigureModel(
                    wording.text("traffic.reason_\(reason.rawValue)"), wording.number(sums[reason] ?? 0))
            },
            rows: rows.map { row in
                TrafficModel.Row(
                    reason: wording.text("traffic.reason_\(row.reason.rawValue)"),
                    agent: row.agent.isEmpty ? wording.text("frame.none") : row.agent, hits: wording.number(row.hits),
                    seen: wording.ago(row.lastAt, now: now))
            },
            isEmpty: rows.isEmpty, keeps: policy == .keep, mayManage: request.user.role.may(.manageSources),
            revision: try Revision(of: policy).text)
        return .page(Page("traffic/page", title: request.text("traffic.title"), model: model))
    }

    static func save(_ request: PageRequest) async throws -> Reply {
        let policy = TrafficPolicy(rawValue: request.form.text("machines")) ?? .apart
        let (actor, now, seen) = (request.actor, request.now, request.form["revision"])
        do {
            try await request.platform.store.write { connection in
                try Revision.check(seen, against: try TrafficPolicy.load(connection))
                try policy.save(by: actor, connection, at: now)
            }
        } catch let conflict as EditConflict {
            let saved = try await request.platform.store.read { try TrafficPolicy.load($0) }
            func say(_ policy: TrafficPolicy) -> String {
                request.text(policy == .keep ? "traffic.keep" : "traffic.apart")
            }
            return EditConflictPage.answer(
                request, conflict, rows: [(request.text("traffic.policy"), say(policy), say(saved))], back: "/traffic")
        }
        return .redirect(to: "/traffic", notice: "frame.saved")
    }
}
