import Engine
import Foundation
import Testing

@testable import Web

@Suite("The console's texts")
struct StringTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test("both languages have the same texts with the same placeholders")
    func complete() throws {
        let folder = Self.root.path + "/Sources/Web/Strings"
        let english = try StringCatalogue(language: "en", folder: folder + "/en")
        let chinese = try StringCatalogue(language: "zh-Hans", folder: folder + "/zh-Hans")
        #expect(Set(english.keys).symmetricDifference(chinese.keys).sorted() == [])
        for key in english.keys {
            let placeholders = [english, chinese].map { catalogue in
                Set((catalogue.text(key, count: 2) ?? "").matches(of: /\{[a-z]+\}/).map { String($0.0) })
            }
            #expect(placeholders[0] == placeholders[1], "\(key)")
        }
    }

    @Test("no text stands twice in a file: the second would silently take the place of the first")
    func once() throws {
        for file in try files(under: "Sources/Web/Strings", ending: ".json") {
            let text = try String(contentsOf: file, encoding: .utf8)
            let keys = text.matches(of: /(?m)^  "([a-z_0-9]+)":/).map { String($0.1) }
            let twice = Dictionary(grouping: keys) { $0 }.filter { $1.count > 1 }.keys.sorted()
            #expect(twice == [], "\(file.lastPathComponent)")
        }
    }

    @Test("every text that is used exists, and every text is used")
    func used() throws {
        let catalogue = try StringCatalogue(language: "en", folder: Self.root.path + "/Sources/Web/Strings/en")
        let keys = Set(catalogue.keys)
        var used: Set<String> = []
        var prefixes: Set<String> = []
        for file in try files(under: "Sources/Web/Templates", ending: ".mustache") {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /t\.([a-z]+\.[a-z_0-9]+)/) {
                used.insert(String(match.1))
                #expect(keys.contains(String(match.1)), "\(file.lastPathComponent): \(match.1)")
            }
        }
        let sources = try ["Console", "Public"].flatMap { try files(under: "Sources/Web/\($0)", ending: ".swift") }
        for file in sources {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /"([a-z]+\.[a-z_0-9]+)"/) { used.insert(String(match.1)) }
            for match in text.matches(of: /"([a-z]+\.[a-z_0-9]*)\\\(/) { prefixes.insert(String(match.1)) }
            for match in text.matches(of: /[tT]ext\(\s*"([a-z]+\.[a-z_0-9]+)"/) {
                #expect(keys.contains(String(match.1)), "\(file.lastPathComponent): \(match.1)")
            }
        }
        let unused = keys.filter { key in !used.contains(key) && !prefixes.contains { key.hasPrefix($0) } }
        #expect(unused.sorted() == [])
    }

    @Test("a fault of the network is said in the reader's language, with its own words; the words of servers stay")
    func network() throws {
        for language in ["en", "zh-Hans"] {
            let catalogue = try StringCatalogue(
                language: language, folder: Self.root.path + "/Sources/Web/Strings/" + language)
            let wording = Wording(catalogue: catalogue, workspace: Workspace())
            for fault in NetworkFault.allCases { #expect(wording.known("network.\(fault.rawValue)") != nil) }
            let told = wording.network("Login denied")
            #expect(told.contains("Login denied") && told.contains(wording.text("network.login_denied")))
            #expect(wording.network("550 no such user") == "550 no such user")
        }
    }

    @Test("everything that is noted in the audit log has words in both languages")
    func auditWords() throws {
        let catalogue = try StringCatalogue(language: "en", folder: Self.root.path + "/Sources/Web/Strings/en")
        let keys = Set(catalogue.keys)
        for file in try files(under: "Sources", ending: ".swift") {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /action: "([a-z_]+)\.([a-z_]+)"/) {
                #expect(keys.contains("audit.\(match.1)_\(match.2)"), "\(file.lastPathComponent): \(match.0)")
            }
        }
    }

    @Test("numbers, money and dates are written as each language does")
    func formats() throws {
        let folder = Self.root.path + "/Sources/Web/Strings"
        let workspace = Workspace()
        let english = Wording(
            catalogue: try StringCatalogue(language: "en", folder: folder + "/en"), workspace: workspace)
        let chinese = Wording(
            catalogue: try StringCatalogue(language: "zh-Hans", folder: folder + "/zh-Hans"), workspace: workspace)
        #expect(english.number(1_234_567) == "1,234,567" && english.number(-42) == "−42")
        #expect(english.compact(12_345) == "12.3K" && chinese.compact(12_345) == "1.2万")
        #expect(chinese.compact(345_000_000) == "3.5亿")
        #expect(english.money(6_130_005) == "¥61,300.05" && english.money(-5) == "−¥0.05")
        #expect(english.money(300, currency: "JPY") == "JP¥300")
        #expect(chinese.moneyShort(613_000_00) == "¥61.3万")
        let moment = Timestamp(milliseconds: 1_795_363_200_000)
        #expect(english.date(moment) == "23 Nov 2026" && chinese.date(moment) == "2026年11月23日")
        #expect(english.time(moment) == "00:00")
        #expect(english.chartDay("2026-11-23") == "23 Nov" && chinese.chartDay("2026-11-23 08:00") == "11月23日 08:00")
        #expect(english.date(ofDay: "2026-01-05") == "5 Jan 2026" && chinese.date(ofDay: "2026-01-05") == "2026年1月5日")
        for text in ["2026-11", "11", "2026-13-01", "Page Viewed", "2026-11-23/x", ""] {
            #expect(english.chartDay(text) == text && english.date(ofDay: text) == text)
        }
        #expect(english.ago(moment, now: moment.adding(milliseconds: 60_000)) == "1 minute ago")
        #expect(chinese.ago(moment, now: moment.adding(days: 3)) == "3 天前")
        #expect(english.bytes(1_610_612_736) == "1.5 GB")
    }

    @Test("where a sentence has several numbers, each noun goes with its own")
    func agreement() throws {
        let folder = Self.root.path + "/Sources/Web/Strings"
        let workspace = Workspace()
        let english = Wording(
            catalogue: try StringCatalogue(language: "en", folder: folder + "/en"), workspace: workspace)
        #expect(english.text("heatmap.spot", ["clicks": "1", "people": "2"]) == "1 click, 2 people")
        #expect(english.text("heatmap.spot", ["clicks": "1,001", "people": "1"]) == "1,001 clicks, 1 person")
        #expect(english.text("journey.in_use", ["people": "1"]).hasPrefix("1 person is on their way."))
        #expect(english.text("score.more_receipts", ["points": "1"], count: 1) == "1 more receipt, 1 point together")
        // Words of people are never taken for a choice.
        let name = "{at|one|two}"
        #expect(english.text("score.threshold_line", ["name": name, "at": "1"]) == "“\(name)” at 1 point")
        for key in english.catalogue.keys {
            #expect(english.text(key, count: 1).firstMatch(of: /\{[a-z_0-9]+\|/) == nil, "\(key)")
        }
    }

    private func files(under folder: String, ending: String) throws -> [URL] {
        let root = Self.root.appendingPathComponent(folder)
        let walker = try #require(FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil))
        return walker.compactMap { $0 as? URL }.filter { $0.path.hasSuffix(ending) }
    }
}
