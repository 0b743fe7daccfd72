import Engine
import Storage

/// The pyramid: how many have each tier, who came and went, what tiers bring, why members went down.
struct TiersModel: PageModel {
    struct Level: Encodable, Sendable {
        var href: String
        var name: String
        var rule: String
        var members: String
        var share: String
        /// Of the bar, in hundredths of the width; it stands in the middle.
        var x: String
        var width: String
        var rose: String
        var fell: String
        var granted: String?
    }

    var range: RangeModel
    var query: String
    var levels: [Level]
    var isEmpty: Bool
    var figures: [FigureModel]
    var waiting: String?
    var version: String
    var mayManage: Bool
}

/// What became of benefits.
struct BenefitsModel: PageModel {
    struct Row: Encodable, Sendable {
        var tier: String
        var name: String
        /// What it is worth; nil for what is never granted.
        var href: String?
        var kind: String
        var granted: String
        var used: String
        var unused: String
        var uses: String
        var refused: String
    }

    var rows: [Row]
    var isEmpty: Bool
}

/// Why members went down.
struct TierCausesModel: PageModel {
    struct Part: Encodable, Sendable {
        var id: String
        var title: String
        var rows: [Row]
    }

    struct Row: Encodable, Sendable {
        var name: String
        var members: String
        var width: String
    }

    var lead: String
    var parts: [Part]
    var isEmpty: Bool
}

/// Who has a tier.
struct TierMembersModel: PageModel {
    struct Row: Encodable, Sendable {
        var href: String
        var name: String
        var initial: String
        var since: String
    }

    var rows: [Row]
    var isEmpty: Bool
    /// Said when not all are shown.
    var more: String?
}

/// The announced rules in both languages.
struct TierRulesModel: PageModel {
    struct Text: Encodable, Sendable {
        var language: String
        var title: String
        var sections: [Section]
    }

    struct Section: Encodable, Sendable {
        var title: String
        var lines: [String]
    }

    var texts: [Text]
    var version: String
}

enum TiersPage {
    private static let membersShown = 200

    static func show(_ request: PageRequest) async throws -> Reply {
        let range = ReportRange(request)
        let (from, to) = moments(range, request)
        let (published, speech, pyramid) = try await request.platform.store.read { connection in
            let published = try TierLadders.current(connection)
            return (
                published, try TierSpeech.load(connection),
                try published.map { try TierPyramid.load($0.ladder, from: from, to: to, connection) }
            )
        }
        let text = published.map { TierText($0.ladder, speech.words(CriteriaLanguage(request.wording.language))) }
        let levels = pyramid?.levels ?? []
        let most = max(levels.map(\.members).max() ?? 0, 1)
        let placed = max(levels.reduce(0) { $0 + $1.members }, 1)
        let wording = request.wording
        let model = TiersModel(
            range: RangeModel(range, path: "/tiers", compares: false, request), query: range.query,
            levels: levels.reversed().map { level in
                let width = Double(level.members) / Double(most) * 100
                let tier = published?.ladder.tier(level.tier)
                return TiersModel.Level(
                    href: "/tiers/levels/\(level.tier)", name: tier?.name(wording.language) ?? level.tier,
                    rule: tier?.rule.flatMap { rule in text?.rule(rule) } ?? "", members: wording.number(level.members),
                    share: wording.percent(Double(level.members) / Double(placed)),
                    x: Wording.attribute((100 - width) / 2), width: Wording.attribute(width),
                    rose: wording.number(level.roseTo), fell: wording.number(level.fellFrom),
                    granted: level.granted > 0 ? request.text("tier.granted_count", count: level.granted) : nil)
            }, isEmpty: published == nil,
            figures: figures(pyramid, request),
            waiting: pyramid.flatMap { $0.waiting > 0 ? request.text("tier.waiting", count: $0.waiting) : nil },
            version: published.map {
                request.text(
                    "tier.version", ["version": String($0.version), "day": wording.date($0.publishedAt)])
            } ?? "", mayManage: request.user.role.may(.manageLoyalty))
        return .page(Page("tiers/page", title: request.text("tier.title"), model: model))
    }

    private static func figures(_ pyramid: TierPyramid?, _ request: PageRequest) -> [FigureModel] {
        let levels = pyramid?.levels ?? []
        func sum(_ count: (TierPyramid.Level) -> Int64) -> String {
            request.wording.number(levels.reduce(0) { $0 + count($1) })
        }
        return [
            FigureModel(request.text("tier.members"), request.wording.number(pyramid?.members ?? 0)),
            FigureModel(
                request.text("tier.above_base"),
                request.wording.number(levels.dropFirst().reduce(0) { $0 + $1.members })),
            FigureModel(request.text("tier.went_up"), sum(\.roseTo)),
            FigureModel(request.text("tier.went_down"), sum(\.fellTo)),
        ]
    }

    static func moments(_ range: ReportRange, _ request: PageRequest) -> (Timestamp, Timestamp) {
        let calendar = request.workspace.calendar
        return (calendar.start(ofDay: range.period.first), calendar.start(ofDay: range.period.last + 1))
    }

    static func members(_ request: PageRequest) async throws -> Reply {
        let code = request.parameters["tier"] ?? ""
        let (tier, members, people) = try await request.platform.store.read { connection in
            let tier = try TierLadders.current(connection)?.ladder.tier(code)
            let members = try TierPyramid.members(of: code, limit: membersShown + 1, connection)
            let people = try PeopleByID.load(members.map(\.profile), connection).map { ($0.id, $0) }
            return (tier, members, Dictionary(people, uniquingKeysWith: { first, _ in first }))
        }
        guard let tier else { throw PageFailure.notFound }
        let rows = members.prefix(membersShown).map { member in
            let name = people[member.profile]?.displayName ?? request.text("people.anonymous")
            return TierMembersModel.Row(
                href: "/people/\(member.profile)", name: name, initial: String(name.prefix(1)),
                since: request.wording.date(member.since))
        }
        let model = TierMembersModel(
            rows: rows, isEmpty: rows.isEmpty,
            more: members.count > membersShown
                ? request.text("tier.first_members", count: Int64(membersShown)) : nil)
        return .page(
            Page(
                "tiers/members", title: tier.name(request.wording.language),
                crumbs: [Crumb(request.text("tier.title"), "/tiers")], model: model))
    }

    static func rules(_ request: PageRequest) async throws -> Reply {
        let (published, speech) = try await request.platform.store.read {
            (try TierLadders.current($0), try TierSpeech.load($0))
        }
        guard let published else { throw PageFailure.notFound }
        let model = TierRulesModel(
            texts: texts(published.ladder, speech, request),
            version: request.text(
                "tier.version",
                ["version": String(published.version), "day": request.wording.date(published.publishedAt)]))
        return .page(
            Page(
                "tiers/rules", title: request.text("tier.rules"),
                crumbs: [Crumb(request.text("tier.title"), "/tiers")], model: model))
    }

    static func texts(_ ladder: TierLadder, _ speech: TierSpeech, _ request: PageRequest) -> [TierRulesModel.Text] {
        CriteriaLanguage.allCases.map { language in
            TierRulesModel.Text(
                language: language.rawValue,
                title: request.text("tier.in_\(language == .chinese ? "chinese" : "english")"),
                sections: TierText(ladder, speech.words(language)).sections.map {
                    TierRulesModel.Section(title: $0.title, lines: $0.lines)
                })
        }
    }

    static func benefits(_ request: PageRequest) async throws -> Reply {
        let (from, to) = moments(ReportRange(request), request)
        let (ladder, speech, usage) = try await request.platform.store.read { connection in
            (
                try TierLadders.current(connection)?.ladder, try TierSpeech.load(connection),
                try BenefitUsage.load(from: from, to: to, at: request.now, connection)
            )
        }
        let text = BenefitText(speech.words(CriteriaLanguage(request.wording.language)))
        let found = Dictionary(usage.map { ("\($0.tier) \($0.benefit)", $0) }, uniquingKeysWith: { first, _ in first })
        let language = request.wording.language
        let rows = (ladder?.tiers ?? []).reversed().flatMap { tier in
            tier.benefits.map { benefit in
                let use = found["\(tier.code) \(benefit.code)"]
                func count(_ value: Int64?) -> String { request.wording.number(value ?? 0) }
                return BenefitsModel.Row(
                    tier: tier.name(language), name: benefit.name(language),
                    href: benefit.kind.isStanding ? nil : "/tiers/levels/\(tier.code)/benefits/\(benefit.code)",
                    kind: text.kind(benefit.kind),
                    granted: count(use?.granted), used: count(use?.used), unused: count(use?.unused),
                    uses: count(use?.uses), refused: count(use?.refused))
            }
        }
        return .panel(template: "tiers/benefits", model: BenefitsModel(rows: rows, isEmpty: rows.isEmpty))
    }

    static func causes(_ request: PageRequest) async throws -> Reply {
        let (from, to) = moments(ReportRange(request), request)
        let (ladder, causes) = try await request.platform.store.read { connection in
            (
                try TierLadders.current(connection)?.ladder,
                try TierCauses.load(from: from, to: to, connection)
            )
        }
        let wording = request.wording
        func part(
            _ id: String, _ counts: [TierCauses.Count], _ name: (String) -> String
        ) -> TierCausesModel.Part {
            TierCausesModel.Part(
                id: id, title: request.text("tier.by_\(id)"),
                rows: counts.map { count in
                    TierCausesModel.Row(
                        name: count.value.isEmpty ? request.text("tier.not_known") : name(count.value),
                        members: wording.number(count.members),
                        width: Wording.attribute(Double(count.members) / Double(max(causes.total, 1)) * 100))
                })
        }
        let model = TierCausesModel(
            lead: request.text(causes.isCut ? "tier.causes_cut" : "tier.causes_count", count: causes.total),
            parts: [
                part("reason", causes.byReason) { request.text("tier.reason_\($0)") },
                part("tier", causes.byTier) { ladder?.name($0, wording.language) ?? $0 },
                part("stage", causes.byStage) { StageWords.name($0, wording) }, part("store", causes.byStore) { $0 },
                part("category", causes.byCategory) { $0 },
                part("contact", causes.byContact) { request.text("tier.days", ["days": $0]) },
            ], isEmpty: causes.total == 0)
        return .panel(template: "tiers/causes", model: model)
    }
}
