import Engine
import Synchronization

/// What a user agent says: a machine's name, or a person's browser, system and device. Each text is looked at once.
final class UserAgents: Sendable {
    struct Facts: Sendable, Equatable {
        /// The machine's name, for crawlers, scanners and programs.
        var machine: String?
        var browser: String?
        var browserVersion: String?
        var system: String?
        var systemVersion: String?
        /// `phone`, `tablet`, `tv`, `desktop`.
        var device: String
    }

    private static let knownMax = 20_000

    private let lists: TrafficLists
    private let known = Mutex<[String: Facts]>([:])

    init(lists: TrafficLists) {
        self.lists = lists
    }

    func facts(_ text: String) -> Facts {
        if let facts = known.withLock({ $0[text] }) { return facts }
        let facts = read(text)
        known.withLock { known in
            if known.count >= Self.knownMax { known.removeAll(keepingCapacity: true) }
            known[text] = facts
        }
        return facts
    }

    private func read(_ text: String) -> Facts {
        let lists = lists.all
        var facts = Facts(device: Self.device(text))
        facts.machine = lists.machines.first { $0.matches(text) }?.name
        for pattern in lists.browsers {
            guard let found = pattern.read(text) else { continue }
            (facts.browser, facts.browserVersion) = found
            break
        }
        for pattern in lists.systems {
            guard let found = pattern.read(text) else { continue }
            (facts.system, facts.systemVersion) = found
            break
        }
        return facts
    }

    /// Source: MDN, "Browser detection using the user agent": “Mobi” is on phones, Android without it is a tablet.
    private static func device(_ text: String) -> String {
        if ["TV", "AppleTV", "BRAVIA", "CrKey", "AFTT"].contains(where: text.contains) { return "tv" }
        if ["iPad", "Tablet", "PlayBook", "Kindle"].contains(where: text.contains) { return "tablet" }
        if text.contains("Mobi") || text.contains("iPhone") { return "phone" }
        if text.contains("Android") { return "tablet" }
        return "desktop"
    }
}

extension UserAgents.Facts {
    /// As `context.client` keeps it.
    var json: JSONValue {
        var members: [String: JSONValue] = ["device": .string(device)]
        members["browser"] = browser.map { .string($0) }
        members["browserVersion"] = browserVersion.map { .string($0) }
        members["os"] = system.map { .string($0) }
        members["osVersion"] = systemVersion.map { .string($0) }
        return .object(members)
    }
}
