import Engine
import Storage

/// Trackable links and QR codes.
struct ChannelCodesModel: PageModel {
    struct Row: Encodable, Sendable {
        var href: String
        var name: String
        var code: String
        var kind: String
        var owner: String
        var target: String
        var isArchived: Bool
    }

    var rows: [Row]
    var isEmpty: Bool
    var hosts: [String]
    var hasHosts: Bool
    var kinds: [Choice]
    var mayManage: Bool
    var form: Draft
    var problem: String?
    /// Whether a new code was refused, and why: of its target, or of anything else in its form.
    var isRefused: Bool
    var targetProblem: String?
    var formProblem: String?

    /// What was typed, for a form that is shown again.
    struct Draft: Encodable, Sendable {
        var name: String
        var owner: String
        var target: String
        var code: String
        var source: String
        var medium: String
        var campaign: String
    }
}

/// What came by each code.
struct ChannelReportModel: PageModel {
    struct Row: Encodable, Sendable {
        var name: String
        var href: String?
        var cells: [ReportPanelModel.Cell]
    }

    var rows: [Row]
    var isEmpty: Bool
}

enum ChannelCodesPage {
    private static let reportDays = 30
    private static let reportRows = 100

    static func show(_ request: PageRequest) async throws -> Reply {
        try await answer(request)
    }

    static func create(_ request: PageRequest) async throws -> Reply {
        let (form, actor, effects) = (request.form, request.actor, request.platform.effects)
        let code = form.text("code")
        let draft = ChannelCodes.Draft(
            name: form.text("name"), kind: ChannelCodeKind(rawValue: form.text("kind")) ?? .other,
            owner: form.text("owner"), target: form.text("target"), code: code.isEmpty ? nil : code,
            campaign: ChannelCode.Campaign(
                source: form.text("source"), medium: form.text("medium"), name: form.text("campaign")))
        do {
            let made = try await request.platform.store.write {
                try ChannelCodes.create(draft, by: actor, $0, effects)
            }
            return .redirect(to: "/channels/\(made.id)", notice: "channels.created")
        } catch let error as ChannelCodeError {
            return try await answer(request, refused: error)
        }
    }

    static func allow(_ request: PageRequest) async throws -> Reply {
        let (host, actor, now) = (request.form.text("host"), request.actor, request.now)
        do {
            try await request.platform.store.write { try ChannelTargets.allow(host, by: actor, $0, at: now) }
        } catch let error as ChannelCodeError {
            return try await answer(request, problem: words(error, request))
        }
        return .redirect(to: "/channels", notice: "channels.allowed")
    }

    static func forbid(_ request: PageRequest) async throws -> Reply {
        let (host, actor, now) = (request.form.text("host"), request.actor, request.now)
        try await request.platform.store.write { try ChannelTargets.forbid(host, by: actor, $0, at: now) }
        return .redirect(to: "/channels", notice: "channels.forbidden")
    }

    static func archive(_ request: PageRequest) async throws -> Reply {
        let (id, actor, now) = (try request.id("channel"), request.actor, request.now)
        do {
            _ = try await request.platform.store.write { try ChannelCodes.archive(id: id, by: actor, $0, at: now) }
        } catch ChannelCodeError.notFound {
            throw PageFailure.notFound
        }
        return .redirect(to: "/channels", notice: "channels.archived")
    }

    /// What came by the codes lately; loaded after the page.
    static func report(_ request: PageRequest) async throws -> Reply {
        let now = request.now
        let (period, names) = try await request.platform.store.read { connection in
            (
                ReportPeriod(days: reportDays, through: try Workspace.load(connection).calendar.day(of: now)),
                Dictionary(
                    try ChannelCodes.list(connection).map { ($0.code, $0) }, uniquingKeysWith: { first, _ in first })
            )
        }
        let report = try await ChannelCodeReport.load(period, request.platform.analytics)
        let rows = report.rows.prefix(reportRows).map { row in
            ChannelReportModel.Row(
                name: names[row.code]?.name ?? row.code, href: names[row.code].map { "/channels/\($0.id)" },
                cells: ChannelCells(row, period, request).all)
        }
        return .panel(
            template: "channels/report", model: ChannelReportModel(rows: Array(rows), isEmpty: rows.isEmpty))
    }

    // MARK: Inside

    /// What the QR code says.
    static func link(_ code: ChannelCode, _ request: PageRequest) -> String { request.address + "/q/" + code.code }

    /// Throws: `PageFailure.notFound`, `StorageError`.
    static func find(_ request: PageRequest) async throws -> ChannelCode {
        let id = try request.id("channel")
        do {
            return try await request.platform.store.read { try ChannelCodes.get(id: id, $0) }
        } catch ChannelCodeError.notFound {
            throw PageFailure.notFound
        }
    }

    /// `refused`: why a new code was not made; its dialog then stands open with the reason in it.
    private static func answer(
        _ request: PageRequest, problem: String? = nil, refused: ChannelCodeError? = nil
    ) async throws -> Reply {
        let (codes, hosts) = try await request.platform.store.read {
            (try ChannelCodes.list($0), try ChannelTargets.list($0))
        }
        let form = request.form
        let isOfTarget =
            switch refused {
            case .badTarget?, .targetNotAllowed?: true
            default: false
            }
        let reason = refused.map { words($0, request) }
        let model = ChannelCodesModel(
            rows: codes.map { code in
                ChannelCodesModel.Row(
                    href: "/channels/\(code.id)", name: code.name, code: code.code,
                    kind: request.text("channels.kind_\(code.kind.rawValue)"), owner: code.owner, target: code.target,
                    isArchived: code.archivedAt != nil)
            },
            isEmpty: codes.isEmpty, hosts: hosts, hasHosts: !hosts.isEmpty,
            kinds: ChannelCodeKind.allCases.map {
                Choice($0.rawValue, request.text("channels.kind_\($0.rawValue)"), chosen: form.text("kind"))
            },
            mayManage: request.user.role.may(.manageChannels),
            form: ChannelCodesModel.Draft(
                name: form.text("name"), owner: form.text("owner"), target: form.text("target"),
                code: form.text("code"),
                source: form.text("source"), medium: form.text("medium"), campaign: form.text("campaign")),
            problem: problem, isRefused: refused != nil, targetProblem: isOfTarget ? reason : nil,
            formProblem: isOfTarget ? nil : reason)
        return .page(
            Page(
                "channels/page", title: request.text("channels.title"), model: model,
                status: problem == nil && refused == nil ? .ok : .unprocessableContent))
    }

    private static func words(_ error: ChannelCodeError, _ request: PageRequest) -> String {
        switch error {
        case .badName: request.text("channels.bad_name")
        case .badCode: request.text("channels.bad_code")
        case .codeTaken(let code): request.text("channels.code_taken", ["code": code])
        case .badTarget: request.text("channels.bad_target")
        case .targetNotAllowed(let host): request.text("channels.target_not_allowed", ["host": host])
        case .badHost: request.text("channels.bad_host")
        case .tooMany: request.text("channels.too_many")
        case .notFound: request.text("channels.not_found")
        }
    }
}
