import Testing

/// Targets are walls: what a target may import. Rooms are folders: Platform and JSON know no feature.
@Suite("House rules: walls")
struct WallTests {
    @Test(
        "A target imports only what stands beneath it",
        arguments: [
            ("Science", ["Storage", "Engine", "Web", "Hummingbird", "NIOCore", "HTTPTypes"]),
            ("Storage", ["Science", "Engine", "Web", "Hummingbird", "HTTPTypes"]),
            ("Engine", ["Web", "Hummingbird", "NIOCore", "HTTPTypes", "Mustache", "ArgumentParser"]),
            ("Web", ["ArgumentParser", "GRDB", "CPostgreSQL", "CADBC"]),
        ])
    func imports(target: String, forbidden: [String]) throws {
        let pattern = "^(@testable )?import (\(forbidden.joined(separator: "|")))$"
        #expect(try SourceTree.occurrences(of: pattern, in: SourceTree.files("Sources/" + target)) == [])
    }

    @Test("The web holds no SQL")
    func sqlInWeb() throws {
        let pattern = #"\b(SELECT .* FROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b"#
        #expect(try SourceTree.occurrences(of: pattern, in: SourceTree.files("Sources/Web")) == [])
    }

    @Test("The tiny rooms that everyone embeds know no feature")
    func tinyRooms() throws {
        let features = try SourceTree.files("Sources/Engine").filter { !Self.isTiny($0.path) }
        let names = try Set(features.flatMap(Self.declaredTypes))
        for file in try SourceTree.files("Sources/Engine").filter({ Self.isTiny($0.path) }) {
            let words = file.code.flatMap { $0.text.split { !$0.isLetter && !$0.isNumber } }.map(String.init)
            #expect(names.intersection(words) == [], "\(file.path)")
        }
    }

    private static func isTiny(_ path: String) -> Bool {
        path.hasPrefix("Sources/Engine/Platform/") || path.hasPrefix("Sources/Engine/JSON/")
    }

    /// Package types at the top level of a file.
    private static func declaredTypes(_ file: SourceTree.File) throws -> [String] {
        file.lines.compactMap { line in
            line.firstMatch(of: /^package (?:final )?(?:struct|enum|class|actor|protocol) (\w+)/).map { String($0.1) }
        }
    }
}
