import Engine
import Foundation
import HTTPTypes
import Storage

/// Points given away: a form, a page that asks once more with fee and rest, and the deed.
struct CentreGivingModel: PageModel {
    var currencies: [Choice]
    var isOneCurrency: Bool
    var isPossible: Bool
    /// What may be given and what it costs, a sentence each.
    var terms: [String]
    var causes: [Choice]
    var recipient: String
    var amount: String
    var problem: String?
    /// Of the second page.
    var action: String
    var back: String
    var rows: [Row]
    var currency: String
    var cause: String
    var key: String

    struct Row: Encodable, Sendable {
        var name: String
        var value: String
    }
}

enum CentreTransferPage {
    static func show(_ request: CentreRequest) async throws -> CentreReply {
        try await CentreGivingPage(request, isTransfer: true).form()
    }

    /// Looks for nobody: whether there is such a member is told by giving alone.
    static func check(_ request: CentreRequest) async throws -> CentreReply {
        try await CentreGivingPage(request, isTransfer: true).check()
    }

    static func give(_ request: CentreRequest) async throws -> CentreReply {
        try await CentreGivingPage(request, isTransfer: true).give()
    }
}

enum CentreDonatePage {
    static func show(_ request: CentreRequest) async throws -> CentreReply {
        try await CentreGivingPage(request, isTransfer: false).form()
    }

    static func check(_ request: CentreRequest) async throws -> CentreReply {
        try await CentreGivingPage(request, isTransfer: false).check()
    }

    static func give(_ request: CentreRequest) async throws -> CentreReply {
        try await CentreGivingPage(request, isTransfer: false).give()
    }
}

private struct CentreGivingPage {
    let request: CentreRequest
    let isTransfer: Bool
    private var fields: Fields { request.form }
    private var kind: String { isTransfer ? "transfer" : "donate" }

    init(_ request: CentreRequest, isTransfer: Bool) {
        self.request = request
        self.isTransfer = isTransfer
    }

    private func money() async throws -> CentreMoney {
        let member = request.account.id
        var money = try await request.platform.store.read { try CentreMoney.load(member, $0) }
        money.currencies = money.currencies.filter { $0.isSpendable && (!isTransfer || $0.transfer != nil) }
        return money
    }

    func form(problem: String? = nil) async throws -> CentreReply {
        let money = try await money()
        var model = model(money)
        model.problem = problem
        return page(model, problem == nil ? .ok : .unprocessableContent)
    }

    func check() async throws -> CentreReply {
        let money = try await money()
        let words = PointsWords(money.currencies, request.wording)
        guard let (currency, amount) = read(money) else {
            return try await form(problem: request.text("centre.bad_amount"))
        }
        let recipient = fields.text("recipient").trimmingCharacters(in: .whitespacesAndNewlines)
        if isTransfer, recipient.isEmpty || recipient.utf8.count > CentreLimits.recipientBytes {
            return try await form(problem: request.text("centre.bad_recipient"))
        }
        let cause = fields.int("cause").flatMap { Int(exactly: $0) } ?? -1
        if !isTransfer, !request.settings.causes.indices.contains(cause) {
            return try await form(problem: request.text("centre.bad_cause"))
        }
        let fee = isTransfer ? CentreGiving.fee(of: amount, currency) : 0
        let available = money.account.balances[currency.code]?.available ?? 0
        let total = amount + fee
        guard total <= available else {
            return try await form(
                problem: request.text(
                    "centre.too_little",
                    ["available": words.full(available, currency.code), "wanted": words.full(total, currency.code)]))
        }
        var model = model(money)
        let to = isTransfer ? recipient : request.settings.causes[cause].name(request.wording.language)
        model.rows = [
            row("centre.give_to", to), row("centre.give_amount", words.full(amount, currency.code)),
        ]
        if fee > 0 { model.rows.append(row("centre.give_fee", words.full(fee, currency.code))) }
        model.rows.append(row("centre.give_rest", words.full(available - total, currency.code)))
        (model.currency, model.cause) = (currency.code, String(cause))
        return .page(
            CentrePage(
                "giving-check", title: request.text(isTransfer ? "centre.transfer_check" : "centre.donate_check"),
                place: "home", back: "/m/\(kind)",
                model: model))
    }

    func give() async throws -> CentreReply {
        let money = try await money()
        guard let (currency, amount) = read(money) else {
            return try await form(problem: request.text("centre.bad_amount"))
        }
        let gift = CentreGiving.Gift(currency: currency.code, amount: amount, key: fields.text("key"))
        do {
            if isTransfer {
                try await CentreGiving.transfer(
                    gift, to: fields.text("recipient"), request.session, request.platform)
            } else {
                let cause = fields.int("cause").flatMap { Int(exactly: $0) } ?? -1
                try await CentreGiving.donate(gift, to: cause, request.session, request.platform)
            }
        } catch let error as PointsError {
            guard let text = problem(error, money, currency) else { throw error }
            return try await form(problem: text)
        } catch CentreError.noRecipient {
            return try await form(problem: request.text("centre.no_recipient"))
        } catch CentreError.form(field: "recipient") {
            return try await form(problem: request.text("centre.bad_recipient"))
        }
        return .redirect(
            to: request.settings.shows(.points) ? "/m/points" : "/m",
            notice: isTransfer ? "centre.transfer_done" : "centre.donate_done")
    }

    private func read(_ money: CentreMoney) -> (PointsCurrency, Int64)? {
        guard let currency = money.currencies.first(where: { $0.code == fields.text("currency") }),
            let amount = PointsWords.parse(fields.text("amount"), scale: currency.scale),
            (1...PointsLimits.amountMax).contains(amount)
        else { return nil }
        return (currency, amount)
    }

    /// nil for a fault of ours. Of the receiver nothing is told.
    private func problem(_ error: PointsError, _ money: CentreMoney, _ currency: PointsCurrency) -> String? {
        let words = PointsWords(money.currencies, request.wording)
        switch error {
        case .insufficient(let available, let wanted):
            return request.text(
                "centre.too_little",
                ["available": words.full(available, currency.code), "wanted": words.full(wanted, currency.code)])
        case .transferLimit(let left, _):
            return request.text("centre.over_limit", ["left": words.full(left, currency.code)])
        case .transferToSelf: return request.text("points.refused_self")
        case .transferNotAllowed, .notSpendable, .unknownCurrency, .amount:
            return request.text("centre.bad_amount")
        case .keyReused: return request.text("centre.sent_before")
        case .accountClosed, .accountNotFound, .balanceTooLarge: return request.text("centre.no_recipient")
        default: return nil
        }
    }

    private func model(_ money: CentreMoney) -> CentreGivingModel {
        let words = PointsWords(money.currencies, request.wording)
        let chosen = fields["currency"] ?? money.currencies.first?.code ?? ""
        let terms = money.currencies.flatMap { currency -> [String] in
            let available = money.account.balances[currency.code]?.available ?? 0
            let have = request.text("centre.you_have", ["amount": words.full(available, currency.code)])
            guard isTransfer, let policy = currency.transfer else { return [have] }
            let limit = request.text("centre.daily_limit", ["amount": words.full(policy.dailyMax, currency.code)])
            guard policy.feeBasisPoints > 0 else { return [have, limit, request.text("centre.no_fee")] }
            let fee = request.wording.percent(Double(policy.feeBasisPoints) / 10_000, digits: 2)
            return [have, limit, request.text("centre.fee_is", ["fee": fee])]
        }
        return CentreGivingModel(
            currencies: money.currencies.map { Choice($0.code, words.name($0.code), chosen: chosen) },
            isOneCurrency: money.currencies.count == 1,
            isPossible: !money.currencies.isEmpty && (isTransfer || !request.settings.causes.isEmpty), terms: terms,
            causes: request.settings.causes.enumerated().map { number, cause in
                Choice(String(number), cause.name(request.wording.language), chosen: fields.text("cause"))
            }, recipient: fields.text("recipient"), amount: fields.text("amount"), problem: nil, action: "/m/\(kind)",
            back: "/m/\(kind)", rows: [], currency: chosen, cause: fields.text("cause"), key: request.newKey())
    }

    private func row(_ key: String, _ value: String) -> CentreGivingModel.Row {
        CentreGivingModel.Row(name: request.text(key), value: value)
    }

    private func page(_ model: CentreGivingModel, _ status: HTTPResponse.Status) -> CentreReply {
        .page(
            CentrePage(kind, title: request.text("centre.place_\(kind)"), place: "home", model: model, status: status))
    }
}
