import Testing

@testable import Engine

@Suite("Reading CSV")
struct CSVReaderTests {
    @Test("quoted cells hold delimiters, quotes and newlines, and line numbers stay right")
    func quoted() throws {
        let found = try ImportFixtures.rows("a,b\n\"x,1\",\"say \"\"hi\"\"\"\n\"two\nlines\",z\nlast,row")
        #expect(found.rows == [["a", "b"], ["x,1", "say \"hi\""], ["two\nlines", "z"], ["last", "row"]])
        #expect(found.refusals.isEmpty)
    }

    @Test("LF, CRLF and CR end lines, mixed as they come; blank lines and rows of delimiters are passed over")
    func lineEnds() throws {
        let found = try ImportFixtures.rows("a,b\r\nc,d\re,f\n\n,,\r\ng,h")
        #expect(found.rows == [["a", "b"], ["c", "d"], ["e", "f"], ["g", "h"]])
    }

    @Test("a delimiter at the end opens an empty cell, also at the end of the file")
    func trailingDelimiter() throws {
        #expect(try ImportFixtures.rows("a,\nb,").rows == [["a", ""], ["b", ""]])
    }

    @Test("a quote that is never closed costs its own line only")
    func unclosedQuote() throws {
        let found = try ImportFixtures.rows("a,b\n\"c,d\ne,f\ng,h\n")
        #expect(found.rows == [["a", "b"], ["e", "f"], ["g", "h"]])
        #expect(found.refusals.map(\.line) == [2])
        #expect(found.refusals.map(\.reason) == [.unclosedQuote])
        #expect(found.refusals[0].row == "\"c,d")
    }

    @Test("text behind a closing quote, NUL bytes and broken UTF-8 refuse one row each")
    func brokenRows() throws {
        var bytes = Array("ok,1\n\"a\"b,2\nx\u{0},3\n".utf8)
        bytes += [0xC3, 0x28, ASCII.comma, 0x34, 0x0A]
        bytes += Array("fine,5\n".utf8)
        let found = try ImportFixtures.rows(bytes)
        #expect(found.rows == [["ok", "1"], ["fine", "5"]])
        #expect(found.refusals.map(\.reason) == [.textAfterQuote, .nulByte, .badEncoding])
        #expect(found.refusals.map(\.line) == [2, 3, 4])
    }

    @Test("a line of 10 MB is refused in bounded memory and the rows around it are read")
    func longLine() throws {
        let bytes = Array("a,1\n".utf8) + [UInt8](repeating: 0x78, count: 10 * 1024 * 1024) + Array("\nb,2\n".utf8)
        let found = try ImportFixtures.rows(bytes)
        #expect(found.rows == [["a", "1"], ["b", "2"]])
        #expect(found.refusals.map(\.reason) == [.tooLong])
        #expect(found.refusals[0].row.utf8.count <= ImportLimits.refusedRowBytes)
    }

    @Test("a file of opening quotes ends, and every line of it is accounted for")
    func quotesEverywhere() throws {
        let text = String(repeating: "\"a,b\n", count: 3_001)
        let found = try ImportFixtures.rows(text)
        #expect(found.refusals.count + found.rows.count > 0)
        #expect(found.refusals.map(\.line) == found.refusals.map(\.line).sorted())
    }

    @Test("random tables come back as they were written, whatever the delimiter, across buffer edges")
    func roundTrip() throws {
        var random = SplitMix64(seed: 42)
        let alphabet = Array("abc ,;\t|\"\n\r汉字🍵é0123456789.'-")
        for _ in 0..<60 {
            let delimiter = [ASCII.comma, UInt8(ascii: ";"), ASCII.tab, UInt8(ascii: "|")][Int(random.next() % 4)]
            let columns = Int(random.next() % 5) + 2
            let table = (0..<Int(random.next() % 400 + 1)).map { _ in
                (0..<columns).map { column in
                    let length = Int(random.next() % 20)
                    let text = String((0..<length).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] })
                    return column == 0 ? "k" + text : text
                }
            }
            let text = table.map { CSVText.row($0, delimiter: delimiter) }.joined(separator: "\r\n")
            let found = try ImportFixtures.rows(Array(text.utf8), delimiter: delimiter)
            #expect(found.refusals.isEmpty)
            #expect(found.rows == table)
        }
    }

    @Test("random bytes never trap: each line is a row or a refusal")
    func randomBytes() throws {
        var random = SplitMix64(seed: 7)
        for _ in 0..<40 {
            let bytes = (0..<5_000).map { _ in
                let draw = random.next() % 12
                return draw < 4
                    ? [ASCII.comma, ASCII.quote, ASCII.lineFeed, ASCII.carriageReturn][Int(draw)]
                    : UInt8(truncatingIfNeeded: random.next() >> 40)
            }
            let found = try ImportFixtures.rows(bytes)
            #expect(found.rows.count + found.refusals.count > 0)
        }
    }
}
