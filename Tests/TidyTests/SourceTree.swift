import Foundation

/// The files of this repository, as the house rules see them.
enum SourceTree {
    struct File: Sendable, CustomStringConvertible {
        /// Relative to the repository: `Sources/Engine/Events/Ingest.swift`.
        let path: String
        let lines: [String]

        var description: String { path }

        /// Lines with their numbers, comments taken off; doc and line comments only, which is all the tree has.
        var code: [(number: Int, text: String)] {
            lines.enumerated().compactMap { index, line in
                let trimmed = line.drop { $0 == " " }
                return trimmed.hasPrefix("//") ? nil : (index + 1, line)
            }
        }

        func place(_ number: Int) -> String { "\(path):\(number)" }
    }

    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// Every file under `folder` whose name ends so, sorted by path.
    static func files(_ folder: String, ending: String = ".swift") throws -> [File] {
        let base = root + "/" + folder
        guard FileManager.default.fileExists(atPath: base) else { return [] }
        return try FileManager.default.subpathsOfDirectory(atPath: base).sorted()
            .filter { $0.hasSuffix(ending) }
            .map { name in
                let text = try String(contentsOfFile: base + "/" + name, encoding: .utf8)
                return File(path: folder + "/" + name, lines: text.components(separatedBy: "\n"))
            }
    }

    static let libraries = ["Science", "Storage", "Engine", "Web"].map { "Sources/" + $0 }

    /// Places where a pattern occurs in code, as `path:line`.
    static func occurrences(of pattern: String, in files: [File]) throws -> [String] {
        let regex = try NSRegularExpression(pattern: pattern)
        return files.flatMap { file in
            file.code.compactMap { number, text in
                let range = NSRange(text.startIndex..., in: text)
                return regex.firstMatch(in: text, range: range) == nil ? nil : file.place(number)
            }
        }
    }
}
