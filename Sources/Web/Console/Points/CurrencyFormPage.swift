import Engine
import Storage

/// A currency being written: its policies are sentences with gaps.
struct CurrencyFormModel: PageModel {
    struct Rule: Encodable, Sendable {
        var value: String
        var title: String
        var checked: String?
    }

    var action: String
    var isNew: Bool
    var code: String
    var nameEN: String
    var nameZH: String
    var scales: [Choice]
    var counts: String?
    var never: String?
    var rolling: String?
    var rollingMonths: String
    var fixed: String?
    var fixedMonth: String
    var fixedDay: String
    var fixedMonthsMin: String
    var inactivity: String?
    var inactivityMonths: String
    var notice: String
    var pendingDays: String
    var reversals: [Rule]
    var reinstatementDays: String
    var transfers: String?
    var pools: String?
    var dailyMax: String
    var fee: String
    var adjustmentMax: String
    var approvalAbove: String
    var value: String
    var money: String
    /// What the saved currency does.
    var sentences: [String]
    var problem: String?
    var revision: String
}

enum CurrencyFormPage {
    static func new(_ request: PageRequest) async throws -> Reply {
        try await answer(request, code: nil)
    }

    static func edit(_ request: PageRequest) async throws -> Reply {
        try await answer(request, code: request.parameters["currency"] ?? "")
    }

    static func create(_ request: PageRequest) async throws -> Reply {
        let code = request.form.text("code").trimmingCharacters(in: .whitespaces)
        let digits = CurrencyScale.digits(request.workspace.currency)
        return try await save(request, code: nil, "create") { now, connection in
            try PointsCurrencies.create(try read(request.form, code, moneyDigits: digits), at: now, connection)
        }
    }

    static func update(_ request: PageRequest) async throws -> Reply {
        let code = request.parameters["currency"] ?? ""
        let digits = CurrencyScale.digits(request.workspace.currency)
        return try await save(request, code: code, "update") { now, connection in
            guard let stored = try PointsCurrencies.stored(code, connection) else {
                throw PointsError.unknownCurrency(code)
            }
            try Revision.check(request.form["revision"], against: stored.currency)
            return try PointsCurrencies.update(try read(request.form, code, moneyDigits: digits), at: now, connection)
        }
    }

    private static func save(
        _ request: PageRequest, code: String?, _ verb: String,
        _ body: @escaping @Sendable (Timestamp, any SQLConnection) throws -> PointsCurrencies.Stored
    ) async throws -> Reply {
        let (actor, now) = (request.actor, request.now)
        do {
            try await request.platform.store.write { connection in
                let stored = try body(now, connection)
                try AuditLog.append(
                    actor: actor, action: "points_currency.\(verb)",
                    subject: "points_currency:\(stored.currency.code)", detail: "", connection, at: now)
            }
        } catch PointsError.unknownCurrency {
            throw PageFailure.notFound
        } catch is EditConflict {
            return try await answer(request, code: code, problem: request.text("points.edited_meanwhile"))
        } catch let error as PointsError {
            return try await answer(
                request, code: code, problem: PointsProblem.say(currency: error, request.wording))
        }
        return .redirect(to: "/points/currencies", notice: "points.currency_saved")
    }

    /// The form with what was typed, or what is stored.
    static func answer(_ request: PageRequest, code: String?, problem: String? = nil) async throws -> Reply {
        let stored = try await request.platform.store.read { connection in
            try code.flatMap { try PointsCurrencies.stored($0, connection) }
        }
        if code != nil, stored == nil { throw PageFailure.notFound }
        let usual = PointsCurrency(
            code: "", expiry: .rolling(months: 12), noticeDays: [30, 7], reinstatementDays: 30)
        let fields =
            request.form.pairs.contains { $0.name == "expiry" }
            ? request.form
            : fields(
                stored?.currency ?? usual, moneyDigits: CurrencyScale.digits(request.workspace.currency))
        var model = model(fields, request)
        model.isNew = code == nil
        model.action = code.map { "/points/currencies/\($0)" } ?? "/points/currencies"
        model.code = code ?? fields.text("code")
        model.sentences = stored.map { CurrencySentences(currency: $0.currency, wording: request.wording).all } ?? []
        model.problem = problem
        model.revision = try stored.map { try $0.revision.text } ?? ""
        let name = stored?.currency.name(request.wording.language)
        return .page(
            Page(
                "points/currency", title: name ?? request.text("points.new_currency"),
                crumbs: [
                    Crumb(request.text("points.title"), "/points"),
                    Crumb(request.text("points.currencies"), "/points/currencies"),
                ], model: model, status: problem == nil ? .ok : .unprocessableContent))
    }

    private static func model(_ fields: Fields, _ request: PageRequest) -> CurrencyFormModel {
        func checked(_ name: String, _ value: String) -> String? { fields.text(name) == value ? "checked" : nil }
        func text(_ name: String, _ usual: String) -> String { fields[name] ?? usual }
        return CurrencyFormModel(
            action: "", isNew: true, code: "", nameEN: fields.text("name_en"), nameZH: fields.text("name_zh"),
            scales: (0...PointsLimits.scaleMax).map { digits in
                Choice(
                    String(digits), request.text("points.digits", count: Int64(digits)), chosen: fields.text("scale"))
            },
            counts: checked("spendable", "0"), never: checked("expiry", "never"),
            rolling: checked("expiry", "rolling"), rollingMonths: text("rolling_months", "12"),
            fixed: checked("expiry", "fixed"), fixedMonth: text("fixed_month", "12"),
            fixedDay: text("fixed_day", "31"), fixedMonthsMin: text("fixed_months_min", "6"),
            inactivity: checked("expiry", "inactivity"), inactivityMonths: text("inactivity_months", "12"),
            notice: fields.text("notice"), pendingDays: fields.text("pending_days"),
            reversals: PointsReversal.allCases.map {
                CurrencyFormModel.Rule(
                    value: $0.rawValue, title: request.text("points.says_\($0.rawValue)"),
                    checked: checked("reversal", $0.rawValue))
            },
            reinstatementDays: fields.text("reinstatement_days"), transfers: checked("transfers", "1"),
            pools: checked("pools", "1"),
            dailyMax: fields.text("daily_max"), fee: fields.text("fee"),
            adjustmentMax: fields.text("adjustment_max"), approvalAbove: fields.text("approval_above"),
            value: fields.text("value"), money: Wording.symbol(request.workspace.currency), sentences: [],
            problem: nil, revision: "")
    }
}

// MARK: What the form says

extension CurrencyFormPage {
    private static func fields(_ currency: PointsCurrency, moneyDigits: Int) -> Fields {
        let scale = currency.scale
        var pairs: [(String, String)] = [
            ("code", currency.code), ("name_en", currency.names["en"] ?? ""),
            ("name_zh", currency.names["zh-Hans"] ?? ""), ("scale", String(scale)),
            ("spendable", currency.isSpendable ? "1" : "0"),
            ("notice", currency.noticeDays.map { String($0) }.joined(separator: ", ")),
            ("pending_days", String(currency.pendingDays)), ("reversal", currency.reversal.rawValue),
            ("reinstatement_days", String(currency.reinstatementDays)),
            ("transfers", currency.transfer == nil ? "0" : "1"), ("pools", currency.isPoolable ? "1" : "0"),
            ("daily_max", PointsWords.typed(currency.transfer?.dailyMax, scale: scale)),
            ("fee", PointsWords.typed(currency.transfer.map { Int64($0.feeBasisPoints) }, scale: 2)),
            ("adjustment_max", PointsWords.typed(currency.adjustmentMax, scale: scale)),
            ("approval_above", PointsWords.typed(currency.approvalAbove, scale: scale)),
            ("value", PointsWords.typed(currency.valuePerThousand, scale: moneyDigits)),
        ]
        switch currency.expiry {
        case .never: pairs.append(("expiry", "never"))
        case .rolling(let months): pairs += [("expiry", "rolling"), ("rolling_months", String(months))]
        case .inactivity(let months): pairs += [("expiry", "inactivity"), ("inactivity_months", String(months))]
        case .fixed(let month, let day, let monthsMin):
            pairs += [
                ("expiry", "fixed"), ("fixed_month", String(month)), ("fixed_day", String(day)),
                ("fixed_months_min", String(monthsMin)),
            ]
        }
        return Fields(pairs.map { (name: $0.0, value: $0.1) })
    }

    /// Throws: `PointsError.invalidCurrency` for what is no number.
    private static func read(_ form: Fields, _ code: String, moneyDigits: Int) throws -> PointsCurrency {
        func number(_ name: String, _ field: String) throws -> Int {
            let typed = form.text(name).trimmingCharacters(in: .whitespaces)
            guard let value = typed.isEmpty ? 0 : Int(typed) else { throw unreadable(field) }
            return value
        }
        let scale = try number("scale", "scale")
        func amount(_ name: String, scale: Int) throws -> Int64? {
            let typed = form.text(name).trimmingCharacters(in: .whitespaces)
            guard !typed.isEmpty else { return nil }
            guard let value = PointsWords.parse(typed, scale: scale) else { throw unreadable(name) }
            return value
        }
        var currency = PointsCurrency(code: code)
        for (language, field) in [("en", "name_en"), ("zh-Hans", "name_zh")] {
            let name = form.text(field).trimmingCharacters(in: .whitespaces)
            if !name.isEmpty { currency.names[language] = name }
        }
        currency.scale = scale
        currency.isSpendable = form.text("spendable") != "0"
        switch form.text("expiry") {
        case "rolling": currency.expiry = .rolling(months: try number("rolling_months", "expiry"))
        case "inactivity": currency.expiry = .inactivity(months: try number("inactivity_months", "expiry"))
        case "fixed":
            currency.expiry = .fixed(
                month: try number("fixed_month", "expiry"), day: try number("fixed_day", "expiry"),
                monthsMin: try number("fixed_months_min", "expiry"))
        default: currency.expiry = .never
        }
        let days = form.text("notice").split { !$0.isNumber }.compactMap { Int($0) }
        currency.noticeDays = Set(days).sorted(by: >)
        currency.pendingDays = try number("pending_days", "pending_days")
        currency.reversal = PointsReversal(rawValue: form.text("reversal")) ?? .deficit
        currency.reinstatementDays = try number("reinstatement_days", "reinstatement_days")
        if form.text("transfers") == "1", currency.isSpendable {
            guard let most = try amount("daily_max", scale: scale) else { throw unreadable("transfer") }
            currency.transfer = PointsTransferPolicy(
                dailyMax: most, feeBasisPoints: Int(clamping: try amount("fee", scale: 2) ?? 0))
        }
        currency.isPoolable = form.text("pools") == "1" && currency.isSpendable
        currency.adjustmentMax = try amount("adjustment_max", scale: scale)
        currency.approvalAbove = try amount("approval_above", scale: scale)
        currency.valuePerThousand = try amount("value", scale: moneyDigits)
        return currency
    }

    private static func unreadable(_ field: String) -> PointsError {
        .invalidCurrency(field: field, reason: "is no number")
    }
}
