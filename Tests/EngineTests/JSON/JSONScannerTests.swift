import Engine
import Testing

@Suite("JSON scanner") struct JSONScannerTests {
    @Test("yields members as raw slices in document order")
    func members() throws {
        let text = #" {"event":"A\tB","n": 12 ,"properties":{"a":[1,2,{"b":{}}],"c":1.5},"ok":true,"no":null} "#
        var seen: [String] = []
        try walk(text) { scanner in
            try scanner.enterObject()
            while let key = try scanner.nextKey() {
                let value = try scanner.value()
                seen.append("\(scanner.string(key) ?? "")=\(scanner.raw(value))")
                if scanner.matches(key, "event") { #expect(scanner.string(value) == "A\tB") }
                if scanner.matches(key, "n") { #expect(scanner.integer(value) == 12) }
                if scanner.matches(key, "ok") { #expect(scanner.bool(value) == true) }
                if scanner.matches(key, "properties") {
                    #expect(value.depth == 4 && value.count == 2 && value.kind == .object)
                }
            }
            try scanner.finish()
        }
        #expect(
            seen == [
                #"event="A\tB""#, "n=12", #"properties={"a":[1,2,{"b":{}}],"c":1.5}"#, "ok=true", "no=null",
            ])
    }

    @Test("goes on behind a value with a flaw")
    func flaws() throws {
        let text = #"[{"a":NaN},{"a":"\x"},{"a":1e999},{"a":"\u0000"},{"a":007},{"a":1}]"#
        var flaws: [JSONError.Reason?] = []
        var escapedNUL: [Bool] = []
        try walk(text) { scanner in
            try scanner.enterArray()
            while try scanner.nextElement() {
                let value = try scanner.value()
                flaws.append(value.flaw?.reason)
                escapedNUL.append(value.hasNUL)
            }
            try scanner.finish()
        }
        #expect(flaws == [.badLiteral, .badEscape, .numberOutOfRange, nil, .badNumber, nil])
        #expect(escapedNUL == [false, false, false, true, false, false])
    }

    @Test("nested objects can be entered between slices")
    func nesting() throws {
        var inner: [String] = []
        try walk(#"{"batch":[{"x":1},{},{"x":2,"y":[]}],"sentAt":"s"}"#) { scanner in
            try scanner.enterObject()
            while let key = try scanner.nextKey() {
                guard scanner.matches(key, "batch") else {
                    inner.append(scanner.string(try scanner.value()) ?? "")
                    continue
                }
                try scanner.enterArray()
                while try scanner.nextElement() {
                    try scanner.enterObject()
                    while let key = try scanner.nextKey() {
                        inner.append((scanner.string(key) ?? "") + scanner.raw(try scanner.value()))
                    }
                }
            }
            try scanner.finish()
        }
        #expect(inner == ["x1", "x2", "y[]", "s"])
    }

    private func walk(_ text: String, _ body: (inout JSONScanner) throws -> Void) throws {
        try Array(text.utf8).withUnsafeBufferPointer { buffer in
            var scanner = JSONScanner(buffer)
            try body(&scanner)
        }
    }
}
