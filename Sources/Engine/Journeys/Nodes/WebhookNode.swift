/// Tells a webhook that somebody is here: a signed message, type `journey.reached`.
struct WebhookNode: JourneyNode {
    static let kind = "webhook"
    static let form = CriteriaForm(
        "deeds", "通知 Webhook", "Tell a webhook", [.init("webhook", "webhook", "Webhook", "webhook")])

    var webhook: Int64

    init(_ reader: CriteriaReader) { webhook = JourneyReading.id(reader, "webhook") }

    var json: [String: JSONValue] { ["webhook": JSONValue(id: webhook)] }

    func check(_ world: JourneyWorld, _ step: JourneyStep, _ note: (String, CriteriaIssue.Reason) -> Void) {
        if world.webhooks[webhook] == nil { note("webhook", .unusable("there is no webhook \(webhook)")) }
    }

    func words(_ phrases: JourneyPhrases) -> String {
        let url = phrases.world.webhooks[webhook] ?? String(webhook)
        return phrases.language("通知 \(url)", "Tell \(url)")
    }

    func arrive(_ visit: JourneyVisit) -> JourneyMove { JourneyDeeds.done(.webhook(webhook), visit) }
}
