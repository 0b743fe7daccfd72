import Engine
import Storage

/// The page of the people who host this: stores, versions, lag, disk, quarantine.
struct StatusModel: PageModel {
    var version: String
    var skeletons: [String]
}

/// The two stores.
struct StoresModel: PageModel {
    struct Store: Encodable, Sendable {
        var name: String
        var product: String
        var address: String
        var size: String
        var schema: String
        /// `good` or `bad`, for the dot, and the same in words.
        var tone: String
        var state: String
        var problem: String?
        var warnings: [String]
    }

    var stores: [Store]
}

/// How far processor and archiver are behind the log.
struct FlowModel: PageModel {
    struct Step: Encodable, Sendable {
        var name: String
        var value: String
        var detail: String
        var tone: String
    }

    var steps: [Step]
    var processes: [Process]
    var hasProcesses: Bool

    struct Process: Encodable, Sendable {
        var owner: String
        var role: String
        var seen: String
    }
}

enum StatusPage {
    /// Further behind than this is worth a colour.
    private static let lagWarningMilliseconds: Int64 = 60_000

    static func show(_ request: PageRequest) async throws -> Reply {
        .page(
            Page(
                "status/page", title: request.text("status.title"),
                model: StatusModel(version: ProductVersion.current, skeletons: ["/status/stores", "/status/flow"])))
    }

    static func stores(_ request: PageRequest) async throws -> Reply {
        let platform = request.platform
        async let operational = store(request, name: "status.operational") { try await platform.store.diagnose() }
        async let analytics = store(request, name: "status.analytics") { try await platform.analytics.diagnose() }
        return .panel(template: "status/stores", model: StoresModel(stores: await [operational, analytics]))
    }

    static func flow(_ request: PageRequest) async throws -> Reply {
        let now = request.now
        let (progress, waiting) = try await request.platform.store.read { connection in
            (try LogProgress.load(connection, now: now), try QuarantineList.waiting(connection))
        }
        let quarantined = waiting.values.reduce(0, +)
        let model = FlowModel(
            steps: [
                FlowModel.Step(
                    name: request.text("status.logged"), value: request.wording.number(progress.end),
                    detail: request.text("status.logged_detail"), tone: "good"),
                step(
                    request, "status.processed", behind: progress.end - progress.processed,
                    lag: progress.processingLagMilliseconds),
                step(
                    request, "status.archived", behind: progress.end - progress.archived,
                    lag: progress.archivingLagMilliseconds),
                FlowModel.Step(
                    name: request.text("quarantine.title"), value: request.wording.number(quarantined),
                    detail: request.text("quarantine.status_waiting"), tone: quarantined > 0 ? "warn" : "good"),
            ],
            processes: progress.processes.map { process in
                FlowModel.Process(
                    owner: process.owner,
                    role: request.wording.known("status.role_\(process.role)") ?? process.role,
                    seen: request.wording.ago(process.seen, now: now))
            },
            hasProcesses: !progress.processes.isEmpty)
        return .panel(template: "status/flow", model: model)
    }

    private static func step(_ request: PageRequest, _ key: String, behind: Int64, lag: Int64) -> FlowModel.Step {
        let isLate = lag > lagWarningMilliseconds
        let detail =
            behind <= 0
            ? request.text("status.up_to_date")
            : request.text("status.behind", ["length": request.wording.length(milliseconds: lag)], count: behind)
        return FlowModel.Step(
            name: request.text(key), value: request.wording.length(milliseconds: behind <= 0 ? 0 : lag),
            detail: detail, tone: isLate ? "warn" : "good")
    }

    /// A store that does not answer is a fact of this page, not a failure of it.
    private static func store(
        _ request: PageRequest, name: String, _ diagnose: @Sendable () async throws -> StoreDiagnosis
    ) async -> StoresModel.Store {
        do {
            let facts = try await diagnose()
            return StoresModel.Store(
                name: request.text(name), product: "\(facts.product) \(facts.version)", address: facts.address,
                size: facts.bytes.map(request.wording.bytes) ?? request.text("frame.none"),
                schema: String(facts.schemaVersion), tone: facts.warnings.isEmpty ? "good" : "warn",
                state: request.text("status.connected"), problem: nil, warnings: facts.warnings)
        } catch {
            let none = request.text("frame.none")
            return StoresModel.Store(
                name: request.text(name), product: none, address: none, size: none, schema: none, tone: "bad",
                state: request.text("status.unreachable"), problem: request.text("status.unreachable_advice"),
                warnings: [])
        }
    }
}
