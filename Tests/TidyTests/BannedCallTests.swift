import Testing

/// Calls that hide failure, bypass the type checker, or bring in a clock that a replay could not hand in.
@Suite("House rules: calls")
struct BannedCallTests {
    @Test("Time, ids and randomness come from Effects alone")
    func effects() throws {
        let files = try SourceTree.libraries.flatMap { try SourceTree.files($0) }
            .filter { $0.path != "Sources/Engine/Platform/Effects.swift" }
        let pattern = #"(?<![A-Za-z])(Date\(\)|Date\.now|UUID\(\)|\.random\(|SystemRandomNumberGenerator)"#
        #expect(try SourceTree.occurrences(of: pattern, in: files) == [])
    }

    @Test("Nothing crashes where it could throw")
    func crashes() throws {
        let files = try SourceTree.files("Sources")
        #expect(try SourceTree.occurrences(of: #"try!|\bas!|\bfatalError\("#, in: files) == [])
    }

    @Test("No optional is forced open")
    func forcedUnwrapping() throws {
        let files = try SourceTree.files("Sources")
        #expect(
            try SourceTree.occurrences(of: #"[A-Za-z0-9_)\]]!([.,;)\[ ]|$)"#, in: files.map(\.withoutStrings)) == [])
    }

    @Test("No task outlives its parent unseen")
    func detached() throws {
        #expect(try SourceTree.occurrences(of: #"Task\.detached"#, in: SourceTree.files("Sources")) == [])
    }

    @Test("Libraries do not print")
    func printing() throws {
        let files = try SourceTree.libraries.flatMap { try SourceTree.files($0) }
        #expect(try SourceTree.occurrences(of: #"(?<![A-Za-z.])print\("#, in: files) == [])
    }

    @Test("Unchecked sendability says above the declaration why it holds")
    func uncheckedSendable() throws {
        let unexplained = try SourceTree.files("Sources").flatMap { file in
            file.code.filter { $0.text.contains("@unchecked Sendable") }.compactMap { number, _ -> String? in
                let above = file.lines[max(0, number - 8)..<(number - 1)]
                let explained = above.contains { $0.contains("// proof:") || $0.contains("/// `@unchecked Sendable`") }
                return explained ? nil : file.place(number)
            }
        }
        #expect(unexplained == [])
    }
}

extension SourceTree.File {
    /// The same code with the contents of one-line string literals taken out.
    fileprivate var withoutStrings: SourceTree.File {
        var inBlock = false
        let stripped = lines.map { line -> String in
            let marks = line.components(separatedBy: #"""""#).count - 1
            defer { if marks % 2 == 1 { inBlock.toggle() } }
            if inBlock || marks > 0 { return "" }
            // Nothing is looked for in lines without one, and the expression is slow.
            guard line.utf8.contains(UInt8(ascii: "!")) else { return line }
            return line.replacing(/"(\\.|[^"\\])*"/, with: "\"\"")
        }
        return SourceTree.File(path: path, lines: stripped)
    }
}
