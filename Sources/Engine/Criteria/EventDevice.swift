import Storage

/// By what an event came, told by marks in its context as it was sent (user agents, names of systems). The same marks are
/// looked for in memory and in the analytics store.
package enum EventDevice: String, Sendable, CaseIterable, Hashable {
    case wechat, ios, android, mobile, desktop

    /// One of them is there.
    private var signs: [String] {
        switch self {
        case .wechat: ["MicroMessenger"]
        case .ios: ["iPhone", "iPad", "iPod"]
        case .android: ["Android"]
        case .mobile: EventDevice.ios.signs + EventDevice.android.signs
        case .desktop: ["Windows NT", "Macintosh", "X11;"]
        }
    }

    /// None of them is there.
    private var excluded: [String] { self == .desktop ? EventDevice.mobile.signs : [] }

    static func read(_ reader: CriteriaReader, _ field: String) -> [EventDevice] {
        guard reader.has(field) else { return [] }
        var devices: Set<EventDevice> = []
        for word in reader.texts(field) {
            guard let device = EventDevice(rawValue: word) else {
                reader.note(field, .unknownChoice(word, allowed: allCases.map(\.rawValue)))
                continue
            }
            devices.insert(device)
        }
        return allCases.filter(devices.contains)
    }

    func matches(_ context: String) -> Bool {
        signs.contains { context.contains($0) } && !excluded.contains { context.contains($0) }
    }

    /// Over the column `context` of `events`.
    var sql: AnalyticsSQL {
        let found = AnalyticsSQL.any(signs.map { "position(context, \($0)) > 0" })
        let absent = excluded.map { sign -> AnalyticsSQL in "position(context, \(sign)) = 0" }
        return .all([found] + absent)
    }

    func words(_ language: CriteriaLanguage) -> String {
        switch self {
        case .wechat: language("微信", "WeChat")
        case .ios: language("iPhone 或 iPad", "iPhone or iPad")
        case .android: language("安卓", "Android")
        case .mobile: language("手机", "a phone")
        case .desktop: language("电脑", "a computer")
        }
    }
}
