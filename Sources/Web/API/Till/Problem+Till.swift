import Engine

extension Problem {
    static func till(_ error: TillError) -> Problem {
        func unusable(_ code: String, _ text: String) -> Problem { Problem(.unprocessableContent, code, text) }
        func conflict(_ code: String, _ text: String) -> Problem { Problem(.conflict, code, text) }
        switch error {
        case .unknownPerson: return unusable("unknown_person", "Nobody is known by what “who” names.")
        case .personNeeded: return unusable("person_needed", "Who spends points has to be named.")
        case .notMember: return conflict("not_a_member", "The person is no member and has no points.")
        case .key: return unusable("bad_key", "An order id and a key have 1 to \(Till.keyBytes) bytes.")
        case .orderReused(let order):
            return conflict("order_reused", "The order “\(order)” was committed as another sale. Nothing was done.")
        case .orderTaken(let order): return conflict("order_taken", "The order “\(order)” is somebody else's.")
        case .orderClosed(let order):
            return conflict("order_closed", "The order “\(order)” came back as a whole, or was cancelled.")
        case .orderNotFound: return .notFound("order that a till committed")
        case .keyReused(let key): return conflict("key_reused", "The key “\(key)” stands for another return.")
        case .lineNotFound(let line):
            return Problem(
                .unprocessableContent, "line_not_found", "The order has no line “\(line)”.",
                flaws: [Flaw("body.lines", "names a line that the order does not have")])
        case .lineQuantity(let line, let left):
            return conflict("line_quantity", "Of the line “\(line)” \(left) are left to come back.")
        case .nothingLeft: return conflict("nothing_left", "Everything has come back.")
        case .noRate(let currency):
            return conflict("no_rate", "Nobody said what “\(currency)” is worth (`value_per_thousand`).")
        case .foreignCurrency(let currency):
            return unusable("currency", "Points pay in the workspace's currency, not in \(currency).")
        case .tooManyPoints(let most):
            return conflict("too_many_points", "The goods take \(most) points at the most.")
        case .poolHold: return unusable("pool_hold", "In a pool nothing is reserved: leave “hold” out.")
        case .worthless: return unusable("worthless", "So few points are worth nothing.")
        case .blocked: return conflict("blocked", "The catalogue blocks events of orders.")
        }
    }
}
