import Storage

/// The answer to a command, as it is kept: the same again is answered with it.
package struct TillReceipt: Sendable, Equatable {
    package var document: JSONValue
    /// The answer of the first time; nothing was done now.
    package var isRepeat: Bool
}

/// What of a person a receipt tells.
struct TillStanding {
    var member: MemberAccount?
    var tier: String?

    static func load(_ profile: Int64?, _ connection: any SQLConnection) throws -> TillStanding {
        guard let profile, profile != 0 else { return TillStanding() }
        return TillStanding(
            member: try PointsAccounts.ofProfile(profile, connection),
            tier: try MemberTiers.tier(ofProfile: profile, connection))
    }

    var balances: JSONValue {
        .array(
            (member?.balances ?? [:]).sorted { $0.key < $1.key }.map {
                [
                    "currency": .string($0.key), "available": .integer($0.value.available),
                    "pending": .integer($0.value.pending),
                ]
            })
    }

    /// Beside how it was before.
    func tier(after before: TillStanding) -> JSONValue { ["before": JSONValue(before.tier), "after": JSONValue(tier)] }
}

extension TillBill {
    package var json: JSONValue {
        [
            "currency": .string(currency), "goods": .integer(goods), "discount": .integer(discount),
            "by_points": .integer(byPoints), "paid": .integer(paid), "shipping": .integer(shipping),
            "shipping_discount": .integer(shippingDiscount), "due": .integer(due),
            "lines": .array(
                lines.map {
                    [
                        "id": .string($0.id), "sku": .string($0.sku), "quantity": .integer($0.quantity),
                        "goods": .integer($0.goods), "discount": .integer($0.discount),
                        "by_points": .integer($0.byPoints), "paid": .integer($0.paid),
                    ]
                }),
        ]
    }

    /// What was spent; null: nothing.
    package var spent: JSONValue {
        guard let spends, points > 0 else { return .null }
        return [
            "currency": .string(spends), "amount": .integer(points), "worth": .integer(byPoints),
            "pool": .bool(spendsPool ?? false),
        ]
    }
}
