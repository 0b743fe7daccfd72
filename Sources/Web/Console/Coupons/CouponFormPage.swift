import Engine
import Storage

/// A definition being written: parts in groups, and beside them what will be printed.
struct CouponFormModel: PageModel {
    struct Box: Encodable, Sendable {
        var value: String
        var title: String
        var checked: String?
    }

    struct Scope: Encodable, Sendable {
        var name: String
        var title: String
        var only: String
        var except: String
    }

    var action: String
    var back: String
    var revision: String
    var fields: [String: String]
    var kinds: [Choice]
    var modes: [Choice]
    var segments: [Choice]
    var scopes: [Scope]
    var weekdays: [Box]
    var keepsRest: String?
    var isFirstOrderOnly: String?
    var currency: String
    var zone: String
    var isOut: Bool
    var preview: CouponPreviewModel
    var problem: String?
}

/// What would be printed.
struct CouponPreviewModel: PageModel {
    var hint: String?
    var problem: String?
    var own: CouponPrintModel?
    var other: CouponPrintModel?
    var otherLanguage: String
}

enum CouponFormPage {
    private static let plain = ["kind": "amount", "stacking": "best_of", "quantity": "1"]

    static func new(_ request: PageRequest) async throws -> Reply {
        let fields = Fields(plain.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) })
        return try await answer(request, fields, of: nil)
    }

    static func edit(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("definition")
        let definition = try await CouponWords.found {
            try await request.platform.store.read { try CouponDefinitions.get(id, $0) }
        }
        let fields = CouponForm.fields(definition.name, definition.rule, request.workspace)
        return try await answer(request, fields, of: definition)
    }

    /// What is printed on coupons of the form as it stands.
    static func preview(_ request: PageRequest) async throws -> Reply {
        let names = try await request.platform.store.read { try CouponPrint.Names.load($0) }
        return .panel(template: "coupons/preview", model: preview(request.form, request, names))
    }

    static func create(_ request: PageRequest) async throws -> Reply {
        let effects = request.platform.effects
        return try await save(request, of: nil) { rule, connection in
            let definition = try CouponDefinitions.create(
                name: request.form.text("name"), rule, by: request.actor, effects: effects, connection)
            try AuditLog.append(
                actor: request.actor, action: "coupon_definition.create", subject: "coupon_definition:\(definition.id)",
                detail: definition.name, connection, at: request.now)
            return definition.id
        }
    }

    static func update(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("definition")
        let definition = try await CouponWords.found {
            try await request.platform.store.read { try CouponDefinitions.get(id, $0) }
        }
        return try await save(request, of: definition) { rule, connection in
            try Revision.check(
                request.form.text("revision"), at: try CouponDefinitions.get(id, connection).revision)
            let definition = try CouponDefinitions.update(
                id, name: request.form.text("name"), rule, by: request.actor, at: request.now, connection)
            try AuditLog.append(
                actor: request.actor, action: "coupon_definition.update", subject: "coupon_definition:\(id)",
                detail: definition.name, connection, at: request.now)
            return id
        }
    }

    private static func save(
        _ request: PageRequest, of definition: CouponDefinition?,
        _ body: @escaping @Sendable (CouponRule, any SQLConnection) throws -> Int64
    ) async throws -> Reply {
        do {
            let rule = try CouponForm(request.form, request.workspace).rule()
            let id = try await request.platform.store.write { try body(rule, $0) }
            return .redirect(to: "/coupons/\(id)", notice: "coupon.saved")
        } catch is EditConflict {
            return try await answer(
                request, request.form, of: definition, problem: request.text("tag.edited_meanwhile"))
        } catch let error as CouponError {
            return try await answer(
                request, request.form, of: definition, problem: CouponWords.problem(error, request))
        }
    }

    private static func answer(
        _ request: PageRequest, _ fields: Fields, of definition: CouponDefinition?, problem: String? = nil
    ) async throws -> Reply {
        let (segments, names) = try await request.platform.store.read {
            (try Segments.list($0), try CouponPrint.Names.load($0))
        }
        let place = definition.map { "/coupons/\($0.id)" } ?? "/coupons"
        let days = Set(fields.all("weekday"))
        let isUntouched = definition == nil && problem == nil
        let print =
            isUntouched
            ? CouponPreviewModel(hint: request.text("coupon.print_first"), otherLanguage: "")
            : preview(fields, request, names)
        let model = CouponFormModel(
            action: place, back: place, revision: try definition?.revision.text ?? "",
            fields: Dictionary(fields.pairs.map { ($0.name, $0.value) }) { first, _ in first },
            kinds: CouponBenefit.Kind.allCases.map {
                Choice($0.rawValue, request.text("coupon.benefit_\($0.rawValue)"), chosen: fields.text("kind"))
            },
            modes: CouponStacking.Mode.allCases.map {
                Choice($0.rawValue, request.text("coupon.mode_\($0.rawValue)"), chosen: fields.text("stacking"))
            },
            segments: [Choice("", request.text("coupon.everybody"), chosen: fields.text("segment"))]
                + segments.map { Choice(String($0.id), $0.name, chosen: fields.text("segment")) },
            scopes: ["products", "categories", "brands", "stores", "channels"].map {
                CouponFormModel.Scope(
                    name: $0, title: request.text("coupon.field_\($0)"), only: fields.text($0 + "_only"),
                    except: fields.text($0 + "_except"))
            },
            weekdays: (1...7).map {
                CouponFormModel.Box(
                    value: String($0), title: request.text("coupon.weekday_\($0)"),
                    checked: days.contains(String($0)) ? "checked" : nil)
            }, keepsRest: fields.text("keeps_rest") == "1" ? "checked" : nil,
            isFirstOrderOnly: fields.text("first_order_only") == "1" ? "checked" : nil,
            currency: definition?.rule.currency ?? request.workspace.currency, zone: request.workspace.timeZone,
            isOut: (definition?.tally.issued ?? 0) > 0, preview: print, problem: problem)
        var crumbs = [Crumb(request.text("coupon.title"), "/coupons")]
        if let definition { crumbs.append(Crumb(definition.name, place)) }
        return .page(
            Page(
                "coupons/form", title: request.text(definition == nil ? "coupon.new" : "coupon.edit"), crumbs: crumbs,
                model: model, status: problem == nil ? .ok : .unprocessableContent))
    }

    private static func preview(
        _ fields: Fields, _ request: PageRequest, _ names: CouponPrint.Names
    ) -> CouponPreviewModel {
        let own = CriteriaLanguage(request.wording.language)
        let other: CriteriaLanguage = own == .chinese ? .english : .chinese
        do {
            let rule = try CouponForm(fields, request.workspace).rule()
            return CouponPreviewModel(
                own: CouponPrintModel(rule, own, request, names), other: CouponPrintModel(rule, other, request, names),
                otherLanguage: other.rawValue)
        } catch {
            let problem = (error as? CouponError).map { CouponWords.problem($0, request) }
            return CouponPreviewModel(
                problem: problem ?? request.text("coupon.problem_other"), otherLanguage: other.rawValue)
        }
    }
}
