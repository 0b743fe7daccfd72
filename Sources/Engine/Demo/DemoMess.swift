/// What arrives and cannot be an event: a few items in all, for the quarantine to have something to show.
struct DemoMess {
    private var random: SplitMix64
    private var number = 0

    init(seed: UInt64) {
        random = SplitMix64(seed: seed, part: 0xBAD)
    }

    mutating func items(for batch: DemoBatch) -> [RejectedItem] {
        guard random.chance(0.035), let event = batch.events.first else { return [] }
        number += 1
        let id = "demo-bad-\(number)"
        let name = JSONText.quoted(event.name)
        switch random.whole(0...3) {
        case 0:
            return [
                item(
                    id, .malformedJSON, "the document ends too early (byte 61)",
                    "{\"type\":\"track\",\"messageId\":\"\(id)\",\"event\":\(name),\"prop")
            ]
        case 1:
            return [
                item(
                    id, .timeOutOfRange, "the time is more than 24 hours ahead; check the client's clock",
                    "{\"type\":\"track\",\"messageId\":\"\(id)\",\"event\":\(name),\"userId\":\"SL100001\","
                        + "\"timestamp\":\"2099-01-01T00:00:00Z\"}")
            ]
        case 2:
            return [
                item(
                    id, .noIdentity, "userId or anonymousId is needed",
                    "{\"type\":\"track\",\"messageId\":\"\(id)\",\"event\":\(name)}")
            ]
        default:
            return [
                item(
                    id, .missingField, "event is needed: the name of what happened",
                    "{\"type\":\"track\",\"messageId\":\"\(id)\",\"userId\":\"SL100002\"}")
            ]
        }
    }

    private func item(
        _ id: String, _ reason: QuarantineReason, _ explanation: String, _ raw: String
    ) -> RejectedItem {
        RejectedItem(
            messageID: reason == .malformedJSON ? nil : id, reason: reason, explanation: explanation,
            raw: Array(raw.utf8), dialect: "segment")
    }
}
