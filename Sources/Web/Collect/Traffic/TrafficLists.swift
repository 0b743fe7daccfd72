import Engine
import Foundation
import Synchronization

/// The lists by which machines and browsers are recognised: pinned packages that `scripts/fetch` unpacks beside the
/// other fetched files, read on first use.
///
/// - `crawler-user-agents-…/crawler-user-agents.json` (github.com/monperrus/crawler-user-agents, MIT): patterns of
///   crawlers, scanners and programs.
/// - `ua-parser-builtins-…/user-agents.json` (ua-parser/uap-core, Apache 2.0): patterns of browsers and systems.
/// - `spam-referrers.txt`, if the operator puts one there: a host a line.
package final class TrafficLists: Sendable {
    /// Nothing is recognised by no lists.
    package static let none = TrafficLists(folder: nil)

    struct Content: Sendable {
        var machines: [UserAgentPattern] = []
        var browsers: [UserAgentPattern] = []
        var systems: [UserAgentPattern] = []
        var spamHosts: Set<String> = []
    }

    private let folder: String?
    private let content = Mutex<Content?>(nil)

    package init(folder: String?) {
        self.folder = folder
    }

    var all: Content {
        content.withLock { content in
            if let content { return content }
            let read = folder.map(Self.read) ?? Content()
            content = read
            return read
        }
    }

    // MARK: Reading

    private static let spamHostsMax = 100_000

    private static func read(_ folder: String) -> Content {
        var content = Content()
        if let list = newest("crawler-user-agents-", folder, "crawler-user-agents.json") {
            content.machines = (list.arrayValue ?? []).compactMap { entry in
                entry["pattern"]?.stringValue.flatMap { UserAgentPattern($0, name: machineName(entry, $0)) }
            }
        }
        if let list = newest("ua-parser-builtins-", folder, "user-agents.json") {
            content.browsers = (list["browsers"]?.arrayValue ?? []).compactMap(UserAgentPattern.init(entry:))
            content.systems = (list["systems"]?.arrayValue ?? []).compactMap(UserAgentPattern.init(entry:))
        }
        if let data = FileManager.default.contents(atPath: folder + "/spam-referrers.txt") {
            let lines = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
            content.spamHosts = Set(
                lines.prefix(spamHostsMax).map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
                    .filter { !$0.isEmpty && !$0.hasPrefix("#") })
        }
        return content
    }

    /// What the pattern means in words: `Googlebot\/` is Googlebot.
    private static func machineName(_ entry: JSONValue, _ pattern: String) -> String {
        let name = pattern.filter { !"\\^$()[]?*+|".contains($0) }
        return name.hasSuffix("/") ? String(name.dropLast()) : name
    }

    private static func newest(_ prefix: String, _ folder: String, _ file: String) -> JSONValue? {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix(prefix) }
        } catch {
            return nil
        }
        guard let name = names.max(by: { $0.compare($1, options: .numeric) == .orderedAscending }),
            let data = FileManager.default.contents(atPath: "\(folder)/\(name)/\(file)")
        else { return nil }
        do {
            return try JSONValue(parsing: Array(data))
        } catch {
            return nil
        }
    }
}

/// One pattern of a list. Plain ones are looked for without a regular expression, which is most of the work saved.
struct UserAgentPattern: Sendable {
    private enum Form: Sendable {
        case plain([UInt8])
        case expression(NSRegularExpression)
    }

    let name: String
    private let form: Form
    private let family: String?
    private let version: String?

    /// Nil for a pattern that this platform's expressions do not know.
    init?(_ pattern: String, name: String = "", family: String? = nil, version: String? = nil) {
        self.name = name
        self.family = family
        self.version = version
        let unescaped = pattern.replacingOccurrences(of: "\\/", with: "/").replacingOccurrences(
            of: "\\.", with: "\u{1}")
        if !unescaped.contains(where: { "\\^$()[]{}?*+|.".contains($0) }) {
            form = .plain(Array(unescaped.replacingOccurrences(of: "\u{1}", with: ".").utf8))
            return
        }
        do {
            form = .expression(try NSRegularExpression(pattern: pattern))
        } catch {
            return nil
        }
    }

    /// `[pattern, family, version]` as the fetched list has them.
    init?(entry: JSONValue) {
        guard let pattern = entry[0]?.stringValue else { return nil }
        self.init(pattern, family: entry[1]?.stringValue, version: entry[2]?.stringValue)
    }

    func matches(_ text: String) -> Bool {
        switch form {
        case .plain(let word): Self.contains(Array(text.utf8), word)
        case .expression(let expression):
            expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
        }
    }

    /// Family and major version by ua-parser's rules: the replacement with its `$1`, or the first and second group.
    func read(_ text: String) -> (family: String, version: String?)? {
        guard case .expression(let expression) = form else {
            return matches(text) ? family.map { ($0, version) } : nil
        }
        guard let match = expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) else {
            return nil
        }
        func group(_ number: Int) -> String? {
            guard number < match.numberOfRanges, let range = Range(match.range(at: number), in: text) else {
                return nil
            }
            return range.isEmpty ? nil : String(text[range])
        }
        let found = family.map { $0.replacingOccurrences(of: "$1", with: group(1) ?? "") } ?? group(1)
        guard let found, !found.isEmpty else { return nil }
        return (found, version.map { $0.replacingOccurrences(of: "$1", with: group(1) ?? "") } ?? group(2))
    }

    private static func contains(_ text: [UInt8], _ word: [UInt8]) -> Bool {
        guard let first = word.first, text.count >= word.count else { return false }
        for start in 0...(text.count - word.count) where text[start] == first {
            if text[start..<start + word.count].elementsEqual(word) { return true }
        }
        return false
    }
}
