import Engine
import Storage

/// A cart to try coupons on: nothing is stored.
struct CouponTrialModel: PageModel {
    struct Line: Encodable, Sendable {
        var number: String
        var sku: String
        var category: String
        var brand: String
        var quantity: String
        var price: String
    }

    var person: String
    var codes: String
    var store: String
    var channel: String
    var shipping: String
    var lines: [Line]
    var currency: String
}

/// What came out.
struct CouponTrialResult: PageModel {
    struct Item: Encodable, Sendable {
        var code: String
        var href: String?
        var headline: String?
        var applies: Bool
        var isChosen: Bool
        var reasons: [String]
        var discount: String
        var lines: String
    }

    var problem: String?
    var items: [Item] = []
    var isEmpty = true
    var total = ""
    var best = ""
    var pays = ""
    var isProved = true
}

enum CouponTrialPage {
    private static let linesShown = 4

    static func show(_ request: PageRequest) async throws -> Reply {
        let model = CouponTrialModel(
            person: request.query.text("person"), codes: request.query.text("codes"), store: "", channel: "",
            shipping: "", lines: (1...linesShown).map(line), currency: request.workspace.currency)
        return .page(
            Page(
                "coupons/try", title: request.text("coupon.try"),
                crumbs: [Crumb(request.text("coupon.title"), "/coupons")], model: model))
    }

    /// The first line is an example.
    private static func line(_ number: Int) -> CouponTrialModel.Line {
        let isExample = number == 1
        return CouponTrialModel.Line(
            number: String(number), sku: isExample ? "SKU-1" : "", category: "", brand: "",
            quantity: isExample ? "1" : "", price: isExample ? "100" : "")
    }

    /// Judges what the person holds, or the codes, on the cart as it stands.
    static func result(_ request: PageRequest) async throws -> Reply {
        func told(_ problem: String) -> Reply {
            .panel(template: "coupons/try-result", model: CouponTrialResult(problem: problem))
        }
        guard let cart = cart(request) else { return told(request.text("coupon.problem_cart")) }
        let typed = request.form.text("codes").split { ",，、 \n\r".contains($0) }.map { String($0) }
        let asked = request.form.text("person")
        let person =
            asked.isEmpty
            ? nil
            : try await request.platform.store.read {
                try ProfileList.load(ProfileFilter(search: asked), limit: 1, $0)
            }.profiles.first?.id
        guard person != nil || asked.isEmpty else { return told(request.text("segment.nobody_found")) }
        guard person != nil || !typed.isEmpty else { return told(request.text("coupon.try_nobody")) }
        let question = Coupons.Question(codes: typed.isEmpty ? nil : typed, profile: person, cart: cart)
        do {
            let answer = try await Coupons.validate(
                question, by: CouponCaller(request.actor, network: request.network), request.platform)
            let names = try await request.platform.store.read { try CouponPrint.Names.load($0) }
            return .panel(template: "coupons/try-result", model: model(answer, cart, request, names))
        } catch let error as CouponError {
            return told(CouponWords.problem(error, request))
        } catch is ProfileError {
            return told(request.text("coupon.try_nobody"))
        }
    }

    private static func cart(_ request: PageRequest) -> CouponCart? {
        let (form, currency) = (request.form, request.workspace.currency)
        let digits = CurrencyScale.digits(currency)
        var lines: [CouponCart.Line] = []
        for number in 1...linesShown where !form.text("sku\(number)").isEmpty {
            guard let price = CouponForm.decimal(form.text("price\(number)"), digits: digits),
                let quantity = form.int("quantity\(number)")
            else { return nil }
            lines.append(
                CouponCart.Line(
                    id: String(number), sku: form.text("sku\(number)"), category: form.text("category\(number)"),
                    brand: form.text("brand\(number)"), quantity: quantity, unitPrice: price))
        }
        let shipping = form.text("shipping")
        guard !lines.isEmpty, let cost = shipping.isEmpty ? 0 : CouponForm.decimal(shipping, digits: digits) else {
            return nil
        }
        return CouponCart(
            lines, store: form.text("store"), channel: form.text("channel"), currency: currency, shipping: cost)
    }

    private static func model(
        _ answer: Coupons.Answer, _ cart: CouponCart, _ request: PageRequest, _ names: CouponPrint.Names
    ) -> CouponTrialResult {
        let (wording, print) = (request.wording, CouponWords.printing(request, names))
        let money = { (amount: Int64) in wording.money(amount, currency: cart.currency) }
        let chosen = Set(answer.best.parts.map(\.couponID))
        let skus = Dictionary(cart.lines.map { ($0.id, $0.sku) }) { first, _ in first }
        let items = answer.items.map { item in
            var shares = item.discount.shares.filter { $0.amount > 0 }.map {
                "\(skus[$0.line] ?? $0.line) −\(money($0.amount))"
            }
            if item.discount.shipping > 0 {
                shares.append("\(request.text("coupon.shipping")) −\(money(item.discount.shipping))")
            }
            return CouponTrialResult.Item(
                code: item.code, href: item.rule == nil ? nil : item.coupon.map { "/coupons/codes/\($0.id)" },
                headline: item.rule.map { print.headline($0) }, applies: item.refusals.isEmpty,
                isChosen: item.coupon.map { chosen.contains($0.id) } ?? false,
                reasons: item.refusals.map { print.text($0, currency: cart.currency) },
                discount: money(item.discount.amount), lines: shares.joined(separator: " · "))
        }
        let whole = cart.amount + cart.shipping
        return CouponTrialResult(
            items: items, isEmpty: items.isEmpty, total: money(whole), best: money(answer.best.amount),
            pays: money(whole - answer.best.amount), isProved: answer.best.isProved)
    }
}
