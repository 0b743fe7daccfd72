import Engine

/// The reports of `ReportCatalog`, an endpoint each, and the people behind their figures.
enum ReportEndpoints {
    private static let tag = "Reports"

    private static let value: APISchema = .nullable(.number)
    private static let panel = APISchema.named(
        "ReportPanel",
        .object(
            [
                APIField("name", .string()),
                APIField(
                    "figures",
                    .array(
                        .object(
                            [
                                APIField("name", .string()), APIField("unit", .string()),
                                .optional("value", value, "Money in minor units, rates of 1; missing: none."),
                                .optional("before", value, "Of the days compared with."),
                                .optional("people", .string(), "A place to ask for the people."),
                            ]))),
                .optional("chart", .string(), "How the console draws the table."),
                APIField("unit", .string()), APIField("labels", .array(.string()), "What the labels of rows are."),
                APIField(
                    "columns",
                    .array(
                        .object([
                            APIField("name", .string()), APIField("unit", .string()), APIField("is_before", .boolean),
                            APIField("is_drawn", .boolean),
                        ]))),
                APIField(
                    "rows",
                    .array(
                        .object([
                            APIField("labels", .array(.string())), APIField("values", .array(value)),
                            APIField("people", .array(.nullable(.string()))),
                            APIField("unfinished", .array(.integer()), "Places of values whose time is not over."),
                        ]))),
                APIField("notes", .array(.string())),
            ]))
    private static let document = APISchema.named(
        "Report",
        .object(
            [
                APIField("report", .string()), APIField("from", .day), APIField("to", .day),
                APIField("compared_from", .day), APIField("compared_to", .day), APIField("time_zone", .string()),
                APIField("currency", .string()), .optional("segment", .id), APIField("parameters", .map(.string())),
                APIField("panels", .array(panel)),
            ]))

    static let routes: [APIRoute] = ReportCatalog.reports.flatMap { report in
        let name = report.name
        let word = name.prefix(1).uppercased() + name.dropFirst()
        return [
            APIRoute(
                .get, "/api/v1/reports/\(name)", "get\(word)Report", tag: tag, report.summary,
                access: .scope(.insightsRead),
                parameters: common + [
                    .query("panel", .words(report.panels), "Only this panel; all of them unless told.")
                ] + report.parameters.map(parameter), response: document,
                handler: { try await answer(report, $0, $1) }),
            APIRoute(
                .get, "/api/v1/reports/\(name)/people", "list\(word)ReportPeople", tag: tag,
                "The people behind a figure of the report, the highest net spend first.",
                access: .scope(.insightsRead),
                parameters: common + report.parameters.map(parameter) + [
                    .query("place", .string(min: 1, max: 1_000), "As the figure's `people` says.", required: true),
                    .query("after", .integer(0...100_000_000), "How many to pass over."),
                    .query("limit", .integer(1...1_000), "100 unless told."),
                ],
                response: .object([
                    APIField("count", .integer()), APIField("items", .array(.object([APIField("profile_id", .id)]))),
                ]), handler: { try await people(report, $0, $1) }),
        ]
    }

    private static let common: [APIParameter] = [
        .query("from", .day, "The first day."), .query("to", .day, "The last day; today unless told."),
        .query("days", .integer(1...Int64(ReportQuestion.daysMax)), "Without `from`: so many days; 30 unless told."),
        .query("compare", .words(["before", "year"]), "As many days before, or the same days 52 weeks before."),
        .query("segment", .id, "Only the people who are in it now."),
    ]

    private static func parameter(_ parameter: ReportParameter) -> APIParameter {
        let schema: APISchema
        switch parameter.kind {
        case .words(let words): schema = .words(words)
        case .whole(let range): schema = .integer(range)
        case .text, .property: schema = .string(max: 200)
        case .events: schema = .string(max: 1_000)
        // A request line has room for two of these, also of four bytes a character and three characters a byte.
        case .eventList: schema = .string(max: 1_000)
        }
        let usual = parameter.usual.isEmpty ? "" : " “\(parameter.usual)” unless told."
        return .query(parameter.name, schema, parameter.note + usual)
    }

    private static func question(
        _ report: any InsightReport.Type, _ request: APIRequest, _ context: APIContext
    ) async throws -> ReportQuestion {
        var values: [String: String] = [:]
        for name in ReportQuestion.common + report.parameters.map(\.name) where name != "panel" {
            values[name] = request.string(name) ?? request.int(name).map { String($0) }
        }
        return try await ReportQuestion(report, values, context.platform)
    }

    private static func answer(
        _ report: any InsightReport.Type, _ request: APIRequest, _ context: APIContext
    ) async throws -> APIResponse {
        let question = try await question(report, request, context)
        return try APIResponse(
            report: try await report.make(question, only: request.string("panel").map { [$0] } ?? []))
    }

    private static func people(
        _ report: any InsightReport.Type, _ request: APIRequest, _ context: APIContext
    ) async throws -> APIResponse {
        let question = try await question(report, request, context)
        let place = ReportPlace(text: request.string("place") ?? "")
        let people = try await PeopleBehind.find(question.mark(report.name, place), context.platform)
        let page = people.ids.dropFirst(Int(request.int("after") ?? 0)).prefix(Int(request.int("limit") ?? 100))
        return APIResponse([
            "count": .integer(Int64(people.ids.count)),
            "items": .array(page.map { ["profile_id": JSONValue(id: $0)] }),
        ])
    }
}

extension Problem {
    static func report(_ error: ReportError) -> Problem {
        let message = error.description
        switch error {
        case .unknownReport, .unknownPanel: return .notFound("report")
        case .badParameter(let name, _, _), .badEvents(let name, _):
            return Problem(
                .unprocessableContent, "invalid_parameter", message, flaws: [Flaw("query.\(name)", message)])
        case .unknownSegment:
            return Problem(.unprocessableContent, "unknown_segment", message, flaws: [Flaw("query.segment", message)])
        case .periodTooLong: return Problem(.unprocessableContent, "period_too_long", message)
        case .unknownPlace:
            return Problem(.unprocessableContent, "unknown_place", message, flaws: [Flaw("query.place", message)])
        }
    }
}
