import Foundation
import Testing

/// Small files, short lines, nothing left for later, nothing that only one machine understands.
@Suite("House rules: files")
struct FileShapeTests {
    private static let linesPerFile = 400
    /// `swift format` holds code to 120; a literal or a comment may end a word later.
    private static let columns = 140

    @Test("A file is one room: at most 400 lines, none of them endless")
    func sizes() throws {
        let files = try SourceTree.files("Sources") + SourceTree.files("Tests")
        // Test data is kept as it came: JSON conformance cases, statements to compare.
        let written = try SourceTree.files("Sources")
        #expect(files.filter { $0.lines.count > Self.linesPerFile }.map(\.path) == [])
        let long = written.flatMap { file in
            file.lines.enumerated().filter { $0.element.count > Self.columns }.map { file.place($0.offset + 1) }
        }
        #expect(long == [])
    }

    @Test("Every test file tests something")
    func assertions() throws {
        let files = try SourceTree.files("Tests").filter { $0.lines.contains { $0.contains("@Test") } }
        let silent = files.filter { file in
            !file.lines.contains { $0.contains("#expect") || $0.contains("#require") || $0.contains("Issue.record") }
        }
        #expect(silent.map(\.path) == [])
        #expect(files.count > 5)
    }

    @Test("Nothing is left for later")
    func leftovers() throws {
        let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
        let files = try Self.everyText()
        let found = files.flatMap { file in
            file.lines.enumerated().filter { line in words.contains { line.element.contains($0) } }
                .map { file.place($0.offset + 1) }
        }
        #expect(found == [])
    }

    @Test("No file names a folder of somebody's machine")
    func foreignPaths() throws {
        let pattern = try Regex(#"(^|[\s"'`(=])/(home|Users|root|work|wt|p)/"#)
        let folders = ["home", "Users", "root", "work", "wt", "p"].map { "/\($0)/" }
        let found = try Self.everyText().flatMap { file in
            file.lines.enumerated().filter { line in
                // The expression is slow, and hardly a line has one of these.
                folders.contains { line.element.contains($0) } && line.element.contains(pattern)
            }.map { file.place($0.offset + 1) }
        }
        #expect(found == [])
    }

    @Test("Both languages have the same strings")
    func strings() throws {
        let chinese = try SourceTree.files("Sources/Web/Strings/zh-Hans", ending: "").map(\.path)
        let english = try SourceTree.files("Sources/Web/Strings/en", ending: "").map(\.path)
        let names = { (paths: [String]) in Set(paths.map { URL(fileURLWithPath: $0).lastPathComponent }) }
        #expect(names(chinese) == names(english))
        for path in chinese where path.hasSuffix(".json") {
            let other = path.replacingOccurrences(of: "zh-Hans", with: "en")
            #expect(try Self.keys(path) == Self.keys(other), "\(path)")
        }
    }

    /// The names of a catalogue's texts; how many plural forms a text has differs by language.
    private static func keys(_ path: String) throws -> Set<String> {
        let data = try Data(contentsOf: URL(fileURLWithPath: SourceTree.root + "/" + path))
        return Set((try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]).keys)
    }

    private static func everyText() throws -> [SourceTree.File] {
        let endings = [".swift", ".sql", ".md", ".py", ".sh", ".mustache", ".css", ".json", ".h", ".c"]
        return try ["Sources", "Tests", "docs", "scripts"].flatMap { folder in
            try endings.flatMap { try SourceTree.files(folder, ending: $0) }
        }
    }
}
