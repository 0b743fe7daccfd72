import Engine
import Storage

/// The currencies of the program, each with its policies as sentences.
struct CurrenciesModel: PageModel {
    struct Card: Encodable, Sendable {
        var code: String
        var name: String
        var edit: String?
        var chip: String
        var sentences: [String]
    }

    var cards: [Card]
    var isEmpty: Bool
    var mayManage: Bool
}

enum CurrenciesPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let stored = try await request.platform.store.read { try PointsCurrencies.list($0) }
        let (wording, mayManage) = (request.wording, request.user.role.may(.manageLoyalty))
        let model = CurrenciesModel(
            cards: stored.map { stored in
                let currency = stored.currency
                return CurrenciesModel.Card(
                    code: currency.code, name: currency.name(wording.language),
                    edit: mayManage ? "/points/currencies/\(currency.code)" : nil,
                    chip: request.text(currency.isSpendable ? "points.spendable" : "points.counts"),
                    sentences: CurrencySentences(currency: currency, wording: wording).all)
            }, isEmpty: stored.isEmpty, mayManage: mayManage)
        return .page(
            Page(
                "points/currencies", title: request.text("points.currencies"),
                crumbs: [Crumb(request.text("points.title"), "/points")], model: model))
    }

    static func delete(_ request: PageRequest) async throws -> Reply {
        let (code, actor, now) = (request.parameters["currency"] ?? "", request.actor, request.now)
        do {
            try await request.platform.store.write { connection in
                try PointsCurrencies.delete(code, connection)
                try AuditLog.append(
                    actor: actor, action: "points_currency.delete", subject: "points_currency:\(code)", detail: "",
                    connection, at: now)
            }
        } catch PointsError.unknownCurrency {
            throw PageFailure.notFound
        } catch let error as PointsError {
            return try await CurrencyFormPage.answer(
                request, code: code, problem: PointsProblem.say(currency: error, request.wording))
        }
        return .redirect(to: "/points/currencies", notice: "points.currency_deleted")
    }
}
