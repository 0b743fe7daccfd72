import Engine

/// Shapes that the endpoints of members and points share.
enum PointsSchemas {
    static let amount = APISchema.integer(1...PointsLimits.amountMax)
    static let key = APISchema.string(min: 1, max: PointsLimits.keyBytes)
    static let note = APISchema.map(.string(max: PointsLimits.noteBytes))

    static let balance = APISchema.object([
        APIField("pending", .integer(), "Awarded, to be spent later."), APIField("available", .integer()),
        APIField("held", .integer(), "Reserved."),
        APIField("owed", .integer(), "At most 0: taken back beyond what there was; later credits repay it."),
        APIField("earned", .integer(), "Awarded in all, less what was taken back."),
        APIField("inactive_at", .nullable(.timestamp), "When inactivity ends everything."),
    ])
    static let member = APISchema.named(
        "Member",
        .object([
            APIField("id", .id), APIField("profile_id", .nullable(.id), "Null once the person was erased."),
            APIField("number", .string(), "16 digits; the last is a check digit."),
            APIField("opened_at", .timestamp), APIField("closed_at", .nullable(.timestamp)),
            APIField("sequence", .integer(), "Transactions so far."), APIField("hash", .string(), "Of the last one."),
            APIField("balances", .map(balance), "By currency."),
        ]))
    static let lot = APISchema.object([
        APIField("lot", .integer()), APIField("currency", .string()), APIField("key", .string()),
        APIField("amount", .integer()), APIField("earned_at", .timestamp), APIField("pending", .boolean),
        APIField("available_at", .nullable(.timestamp)), APIField("waits_for", .string()),
        APIField("expires_at", .nullable(.timestamp)), APIField("remaining", .integer()),
        APIField("held", .integer()), APIField("reversed", .integer()), APIField("expired", .integer()),
        APIField("source", .string()),
    ])
    static let transaction = APISchema.named(
        "PointsTransaction",
        .object([
            APIField("account", .id), APIField("sequence", .integer()),
            APIField("kind", .words(PointsTransaction.Kind.allCases.map(\.rawValue))),
            APIField("key", .nullable(.string())), APIField("at", .timestamp), APIField("currency", .string()),
            APIField("amount", .integer(), "What it is about, without sign."),
            APIField("change", .integer(), "What the member gained or lost."),
            APIField(
                "entries",
                .array(
                    .object([
                        APIField("ledger", .words(Ledger.allCases.map(\.rawValue))), APIField("lot", .integer()),
                        APIField("amount", .integer()),
                    ])), "They add up to zero."),
            APIField("subject", .string(), "Key of the award, redemption or hold that it acts on."),
            APIField("counterpart", .nullable(.id)), APIField("waived", .integer()), APIField("note", note),
            APIField("balance", balance, "After it."), APIField("hash", .string()),
        ]))

    /// The texts for people that a command brings along.
    static func notes(_ body: JSONValue) -> [String: String] {
        (body["note"]?.objectValue ?? [:]).compactMapValues(\.stringValue)
    }

    /// What a command wrote; 200 instead of 201 where it is the answer of the first time.
    static func response(_ answer: Points.Answer) -> APIResponse {
        APIResponse(
            ["transactions": .array(answer.transactions.map(json)), "repeated": .bool(answer.isRepeat)],
            status: answer.isRepeat ? .ok : .created)
    }

    static func json(_ balance: PointsBalance) -> JSONValue {
        [
            "pending": .integer(balance.pending), "available": .integer(balance.available),
            "held": .integer(balance.held), "owed": .integer(balance.owed), "earned": .integer(balance.earned),
            "inactive_at": JSONValue(balance.inactiveAt),
        ]
    }

    static func json(_ member: MemberAccount) -> JSONValue {
        [
            "id": JSONValue(id: member.id), "profile_id": JSONValue(optionalID: member.profileID),
            "number": .string(member.number), "opened_at": JSONValue(member.openedAt),
            "closed_at": JSONValue(member.closedAt), "sequence": .integer(member.sequence),
            "hash": .string(member.hash), "balances": .object(member.balances.mapValues(json)),
        ]
    }

    static func json(_ lot: PointsLot) -> JSONValue {
        [
            "lot": .integer(lot.number), "currency": .string(lot.currency), "key": .string(lot.key),
            "amount": .integer(lot.amount), "earned_at": JSONValue(lot.earnedAt), "pending": .bool(lot.isPending),
            "available_at": JSONValue(lot.availableAt), "waits_for": .string(lot.waitsFor),
            "expires_at": JSONValue(lot.expiresAt), "remaining": .integer(lot.remaining), "held": .integer(lot.held),
            "reversed": .integer(lot.reversed), "expired": .integer(lot.expired), "source": .string(lot.source),
        ]
    }

    static func json(_ transaction: PointsTransaction) -> JSONValue {
        [
            "account": JSONValue(id: transaction.account), "sequence": .integer(transaction.sequence),
            "kind": .string(transaction.kind.rawValue), "key": JSONValue(transaction.key),
            "at": JSONValue(transaction.at), "currency": .string(transaction.currency),
            "amount": .integer(transaction.principal), "change": .integer(transaction.change),
            "entries": .array(
                transaction.entries.map {
                    [
                        "ledger": .string($0.ledger.rawValue), "lot": .integer($0.lot), "amount": .integer($0.amount),
                    ]
                }),
            "subject": .string(transaction.subject),
            "counterpart": JSONValue(optionalID: transaction.counterpart), "waived": .integer(transaction.waived),
            "note": .object(transaction.note.mapValues { .string($0) }), "balance": json(transaction.after),
            "hash": .string(transaction.hash),
        ]
    }
}
