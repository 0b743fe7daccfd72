import Storage

/// Points for having come by a kind of device: `{"kind": "device", "devices": ["wechat"], "events": ["Page Viewed"], "points": 5}`,
/// once, for as long as such an event is remembered.
package struct DeviceScoreRule: ScoreRuleKind {
    package static let kind = "device"
    package static let form = CriteriaForm(
        "behaviour", "设备", "Device",
        [
            .init("events", "names", "通过事件", "by the events"),
            .init(
                "devices", "choices",
                choices: EventDevice.allCases.map { .init($0.rawValue, $0.words(.chinese), $0.words(.english)) }),
        ])

    let filter: EventFilter

    package init(_ reader: CriteriaReader) {
        var filter = EventFilter(names: reader.texts("events").sorted())
        filter.devices = EventDevice.read(reader, "devices")
        if filter.devices.isEmpty { reader.note("devices", .missing("devices")) }
        self.filter = filter
    }

    package var json: [String: JSONValue] {
        [
            "events": .array(filter.names.map(JSONValue.string)),
            "devices": .array(filter.devices.map { .string($0.rawValue) }),
        ]
    }
    package var features: [Feature] { [Feature(filter)] }

    package func occurrences(_ subject: CriteriaSubject, _ clock: CriteriaClock) -> [ScoreOccurrence] {
        subject.state(Feature(filter)).days.isEmpty ? [] : [ScoreOccurrence(day: nil, count: 1)]
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        phrases.language("来过：\(filter.words(phrases))", "came by \(filter.words(phrases))")
    }
}
