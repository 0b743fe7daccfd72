import Engine
import Foundation
import Storage

/// A ladder being written: its definition, and what it says in words in both languages.
struct TierFormModel: PageModel {
    var definition: String
    /// What the editor may offer, as JSON for a script element.
    var offer: String
    var version: String
    var texts: [TierRulesModel.Text]
    var hasTexts: Bool
    var problem: String?
    var flaw: String?
    var mayPublish: Bool
    /// Whether the program in force says what tiers there are: they then change with it, by a draft.
    var isOfProgram: Bool
}

enum TierFormPage {
    /// A start: four tiers by net spend, in periods of a year.
    private static let usual = """
        {"tiers": [
           {"code": "member", "names": {"zh-Hans": "普通", "en": "Member"}},
           {"code": "silver", "names": {"zh-Hans": "银卡", "en": "Silver"},
            "rule": {"indicators": [{"kind": "spend", "at_least": 100000}]},
            "benefits": [{"code": "double", "names": {"zh-Hans": "1.2 倍积分", "en": "1.2 × points"},
                          "kind": "multiplier", "multiplier": 120}]},
           {"code": "gold", "names": {"zh-Hans": "金卡", "en": "Gold"},
            "rule": {"combine": "any", "indicators": [{"kind": "spend", "at_least": 300000}, {"kind": "orders", "at_least": 12}]},
            "benefits": [{"code": "shipping", "names": {"zh-Hans": "每月包邮", "en": "Free shipping"},
                          "kind": "shipping", "occasion": "monthly", "uses": 2, "valid_days": 31, "cost": 800}]},
           {"code": "black", "names": {"zh-Hans": "黑卡", "en": "Black"}, "admission": "invitation",
            "benefits": [{"code": "line", "names": {"zh-Hans": "优先通道", "en": "Priority line"}, "kind": "priority"}]}],
         "period": {"kind": "rolling", "months": 12}, "notice_days": [30, 7], "grace_days": 14, "soft_landing": true}
        """

    static func show(_ request: PageRequest) async throws -> Reply {
        let published = try await request.platform.store.read { try TierLadders.current($0) }
        let ladder = try published?.ladder ?? read(usual)
        return try await answer(request, try pretty(ladder), ladder, version: published?.version ?? 0)
    }

    /// Says what a definition means, tries it on all members, publishes it, or drafts a program with it, as the
    /// button tells.
    static func act(_ request: PageRequest) async throws -> Reply {
        let definition = request.form.text("definition")
        let version = request.form.int("version") ?? 0
        let (effects, actor, user) = (request.platform.effects, request.actor, request.user.id)
        do {
            let ladder = try read(definition)
            try ladder.validate()
            switch request.form.text("act") {
            case "publish":
                try await request.platform.store.write { connection in
                    let published = try TierLadders.publish(
                        ladder, after: version, by: actor, effects: effects, connection)
                    guard published.version != version else { return }
                    try AuditLog.append(
                        actor: actor, action: "tiers.publish", subject: "tier_ladder:\(published.version)", detail: "",
                        connection, at: effects.now())
                }
                return .redirect(to: "/tiers", notice: "tier.published")
            case "preview":
                let job = try await request.platform.store.write {
                    try TierPreview.ask(ladder, by: user, effects: effects, $0)
                }
                return .redirect(to: "/tiers/previews/\(job)")
            case "draft": return try await draft(ladder, request)
            default: return try await answer(request, definition, ladder, version: version)
            }
        } catch let unreadable as Unreadable {
            return try await answer(
                request, definition, version: version, problem: request.text("tier.invalid"),
                flaw: TierFormPlace(definition, request.wording).unreadable(unreadable.path))
        } catch TierError.needsApproval {
            let ladder = try read(definition)
            _ = try await request.platform.store.write {
                try LadderPublication(ladder: ladder, after: version).ask(by: actor, effects, $0)
            }
            return .redirect(to: "/tiers", notice: "approval.is_asked")
        } catch let error as TierError {
            switch error {
            case .invalidLadder(let field, _):
                return try await answer(
                    request, definition, version: version, problem: request.text("tier.invalid"),
                    flaw: TierFormPlace(definition, request.wording).refusal(field))
            case .editedMeanwhile:
                return try await answer(
                    request, definition, version: version, problem: request.text("tag.edited_meanwhile"))
            case .ofProgram:
                return try await answer(
                    request, definition, version: version, problem: request.text("tier.of_program"))
            default: throw error
            }
        }
    }

    /// Begins a draft of the program: what is in force, with these tiers in the place of its own.
    private static func draft(_ ladder: TierLadder, _ request: PageRequest) async throws -> Reply {
        let (effects, actor, title) = (request.platform.effects, request.actor, request.text("program.new_title"))
        let tiers = try JSONValue(parsing: try pretty(ladder))
        do {
            let version = try await request.platform.store.write { connection -> ProgramVersion? in
                guard let inForce = try ProgramVersions.published(connection), var program = inForce.program else {
                    return nil
                }
                program.tiers = tiers
                let version = try ProgramVersions.create(
                    title: title, document: program.text, basedOn: inForce.number, by: actor, effects: effects,
                    connection)
                try AuditLog.append(
                    actor: actor, action: "program.create", subject: "program:\(version.id)", detail: title, connection,
                    at: effects.now())
                return version
            }
            return .redirect(to: version.map { "/program/versions/\($0.id)" } ?? "/tiers/edit")
        } catch ProgramError.tooMany {
            return .redirect(to: "/program", notice: "program.too_many")
        }
    }

    /// A definition that lacks something, or has something of another kind.
    private struct Unreadable: Error {
        /// The steps to it.
        var path: [String]

        init(_ error: DecodingError) {
            let keys: [any CodingKey]
            switch error {
            case .keyNotFound(let key, let context): keys = context.codingPath + [key]
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                keys = context.codingPath
            @unknown default: keys = []
            }
            path = keys.map { key in key.intValue.map { String($0) } ?? key.stringValue }
        }
    }

    private static func read(_ definition: String) throws -> TierLadder {
        do {
            return try StoredDocument.value(TierLadder.self, from: definition)
        } catch let error as DecodingError {
            throw Unreadable(error)
        }
    }

    private static func pretty(_ ladder: TierLadder) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(ladder), as: UTF8.self)
    }

    private static func answer(
        _ request: PageRequest, _ definition: String, _ ladder: TierLadder? = nil, version: Int64,
        problem: String? = nil, flaw: String? = nil
    ) async throws -> Reply {
        let (speech, inForce) = try await request.platform.store.read {
            (try TierSpeech.load($0), try ProgramVersions.published($0))
        }
        var texts: [TierRulesModel.Text] = []
        if let ladder { texts = TiersPage.texts(ladder, speech, request) }
        let model = TierFormModel(
            definition: definition, offer: TierOffer.text(speech, request), version: String(version), texts: texts,
            hasTexts: !texts.isEmpty,
            problem: problem, flaw: flaw, mayPublish: request.user.role.may(.manageLoyalty),
            isOfProgram: inForce?.program?.tiers != nil)
        return .page(
            Page(
                "tiers/form", title: request.text("tier.edit"), crumbs: [Crumb(request.text("tier.title"), "/tiers")],
                model: model, status: problem == nil ? .ok : .unprocessableContent))
    }
}
