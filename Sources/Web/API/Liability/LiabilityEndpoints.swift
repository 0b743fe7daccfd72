import Engine
import Hummingbird
import NIOCore
import Storage

/// What the brand owes in points, what will come of it, the ledger for the books, and dormant points.
enum LiabilityEndpoints {
    private static let tag = "Liability"
    private static let code = APISchema.string(min: 1, max: 32)
    private static let months = APISchema.integer(1...Int64(PointsLimits.monthsMax))
    private static let amounts = [
        APIField("pending", .integer()), APIField("available", .integer()), APIField("held", .integer()),
    ]
    private static let currency = APISchema.object(
        [
            APIField("code", .string()), APIField("outstanding", .integer(), "What members have less what they owe."),
            APIField("owed", .integer()), APIField("members", .integer()),
            .optional("worth", .integer(), "Minor units of the workspace's currency."),
            APIField(
                "months",
                .array(.object([.optional("month", .string(), "Missing: does not lapse by itself.")] + amounts))),
            APIField(
                "soon",
                .array(
                    .object([
                        APIField("days", .integer()), APIField("amount", .integer()), APIField("members", .integer()),
                    ]))),
            APIField("forecast", .object([], isOpen: true), "What will never be redeemed, with its interval."),
            APIField(
                "cohorts", .array(.object([], isOpen: true)),
                "What became of each month's points, by months of age."),
        ] + amounts)
    private static let outcome = APISchema.object([
        APIField("choice", .words(DormantPoints.Outcome.Choice.allCases.map(\.rawValue))),
        APIField("outstanding", .integer(), "Owed as soon as it is done."), APIField("redeemed", .integer()),
        APIField("lapsed", .integer()), APIField("donated", .integer()),
    ])

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/points/liability", "getLiability", tag: tag,
            "Outstanding points by month of lapsing, what became of each month's, and what will never be redeemed.",
            access: .scope(.loyaltyRead), parameters: [.query("currency", code, "All unless told.")],
            response: .object([
                APIField("as_of", .day), APIField("currency", .string(), "Of the workspace."),
                APIField("currencies", .array(currency)),
            ]), handler: report),
        APIRoute(
            .get, "/api/v1/points/journal", "getPointsJournal", tag: tag,
            "The ledger for the books as CSV: debit and credit of every day, currency and account. Every day balances.",
            access: .scope(.loyaltyRead),
            parameters: [
                .query("from", .day, required: true), .query("to", .day, "Included.", required: true),
                .query("currency", code),
            ], response: .string(), responseType: "text/csv", handler: journal),
        APIRoute(
            .get, "/api/v1/points/dormant", "compareDormantPoints", tag: tag,
            "Points of members who stay away, and what reminding, extending or donating would make of them.",
            access: .scope(.loyaltyRead),
            parameters: [
                .query("currency", code, required: true), .query("months", months, "Away for; 12 unless told."),
                .query("extend_months", months, "6 unless told."),
                .query(
                    "returning_percent", .integer(0...100), "Assumed to come back of those reminded; 5 unless told."),
            ],
            response: .object([
                APIField("members", .integer()), APIField("amount", .integer()),
                APIField("outcomes", .array(outcome)), APIField("sampled", .boolean),
            ]), handler: compare),
        APIRoute(
            .post, "/api/v1/points/dormant-actions", "actOnDormantPoints", tag: tag,
            "Remind dormant members (event `Points Dormant`), extend or donate their points, as a job.",
            access: .scope(.loyaltyWrite),
            body: .json(
                .object([
                    APIField("currency", code), APIField("months", months),
                    APIField("choice", .words(DormantAction.Request.Choice.allCases.map(\.rawValue))),
                    .optional("until", .timestamp, "Of an extension."),
                    .optional("cause", .string(min: 1, max: 200), "Of a donation."),
                ])), status: .accepted, response: .object([APIField("job_id", .id)]), handler: act),
    ]

    @Sendable private static func report(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (code, now) = (request.string("currency"), context.platform.effects.now())
        let report = try await context.platform.store.read { try LiabilityReport.load(code, at: now, $0) }
        return APIResponse(try JSONValue(parsing: ReportRenderer.document(report)))
    }

    @Sendable private static func journal(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        guard let from = request.string("from").flatMap(LocalCalendar.day(fromText:)),
            let to = request.string("to").flatMap(LocalCalendar.day(fromText:)), from <= to,
            to - from < LedgerExport.daysMax
        else {
            throw Problem(
                .badRequest, "invalid_parameter", "“from” and “to” span 1 to \(LedgerExport.daysMax) days.")
        }
        let body = JournalFile.body(from, through: to, currency: request.string("currency"), context.platform)
        return APIResponse(
            file: body,
            name: "points-\(LocalCalendar.text(ofDay: from))-\(LocalCalendar.text(ofDay: to)).csv")
    }

    @Sendable private static func compare(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let rule = DormantPoints.Rule(
            currency: request.string("currency") ?? "", months: Int(request.int("months") ?? 12))
        let assumptions = DormantPoints.Assumptions(
            returning: Double(request.int("returning_percent") ?? 5) / 100,
            extendMonths: Int(request.int("extend_months") ?? 6))
        let now = context.platform.effects.now()
        let found = try await context.platform.store.read {
            try DormantPoints.compare(rule, assumptions, at: now, $0)
        }
        return APIResponse([
            "members": .integer(found.members), "amount": .integer(found.amount), "sampled": .bool(found.isSampled),
            "outcomes": .array(
                found.outcomes.map {
                    [
                        "choice": .string($0.choice.rawValue), "outstanding": .integer($0.outstanding),
                        "redeemed": .integer($0.redeemed), "lapsed": .integer($0.lapsed),
                        "donated": .integer($0.donated),
                    ]
                }),
        ])
    }

    @Sendable private static func act(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (body, effects) = (request.body, context.platform.effects)
        let wanted = DormantAction.Request(
            rule: DormantPoints.Rule(
                currency: body["currency"]?.stringValue ?? "", months: Int(body["months"]?.intValue ?? 12)),
            choice: body["choice"]?.stringValue.flatMap(DormantAction.Request.Choice.init(rawValue:)) ?? .remind,
            until: body["until"]?.stringValue.flatMap { Timestamp(iso8601: $0) },
            cause: body["cause"]?.stringValue ?? "", actor: request.caller.actor)
        let id = try await context.platform.store.write { try DormantAction.enqueue(wanted, effects, $0) }
        return APIResponse(["job_id": JSONValue(id: id)])
    }
}

/// The ledger for the books as a file, a month at a time.
enum JournalFile {
    private static let pieceDays: Int64 = 31

    static func body(
        _ first: Int64, through last: Int64, currency: String?, _ platform: Platform
    ) -> ResponseBody {
        ResponseBody { writer in
            try await writer.write(ByteBuffer(string: LedgerExport.header))
            for start in stride(from: first, through: last, by: Int(pieceDays)) {
                let rows = try await platform.store.read {
                    try LedgerExport.rows(start, through: min(last, start + pieceDays - 1), currency: currency, $0)
                }
                try await writer.write(ByteBuffer(string: LedgerExport.text(rows)))
            }
            try await writer.finish(nil)
        }
    }
}

extension Problem {
    static func dormant(_ error: DormantError) -> Problem {
        switch error {
        case .rule(let most):
            return Problem(.unprocessableContent, "bad_rule", "Members are dormant after 1 to \(most) months.")
        case .action(let field):
            return Problem(
                .unprocessableContent, "bad_action", "“\(field)” is needed for this, and has to make sense.",
                flaws: [Flaw("body.\(field)", "is missing or cannot be used")])
        }
    }
}
