import Engine
import Science
import Storage

/// What variants of a template came to.
enum TemplateVariantEndpoints {
    private static let effect = APISchema.named(
        "TemplateVariants",
        .object([
            APIField(
                "messages",
                .array(
                    .object([
                        APIField("variant", .string()), APIField("sent", .integer()),
                        APIField("delivered", .integer()), APIField("opened", .integer(), "By people."),
                        APIField("clicked", .integer(), "By people."),
                    ])), "Of all versions, without tests."),
            APIField("goal", .object([], isOpen: true), "What counts as converted."),
            APIField(
                "conversions", .array(ExperimentSchemas.row),
                "People by the variant they got, from the first message on; the others against the first."),
            APIField("revenue", .array(ExperimentSchemas.row), "Net a person, in minor units."),
            APIField("crossed", .integer(), "People who got more than one; left out."),
        ]))

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/templates/{id}/variants", "getTemplateVariants", tag: "Templates",
            "How far the messages of each variant came, and what came of them.", access: .scope(.messagesRead),
            parameters: [
                .path("id"),
                .query("goal", .string(min: 1, max: 200), "An event, instead of an order."),
                .query("days", .integer(ReachReport.daysRange), "After somebody was written to; 14 unless told."),
            ], response: effect, handler: get)
    ]

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, goal) = (try request.id("id"), request.string("goal").map { EventFilter(names: [$0]) })
        let effect = try await VariantEffect.load(
            id, goal: goal, days: request.int("days") ?? ReachReport.daysUsual, context.platform)
        return APIResponse([
            "messages": .array(
                effect.messages.map {
                    [
                        "variant": .string($0.variant), "sent": .integer($0.sent), "delivered": .integer($0.delivered),
                        "opened": .integer($0.opened), "clicked": .integer($0.clicked),
                    ]
                }),
            "goal": effect.goal.json, "conversions": .array(effect.conversions.map(ExperimentSchemas.json)),
            "revenue": .array(effect.revenue.map(ExperimentSchemas.json)), "crossed": .integer(effect.crossed),
        ])
    }
}
