/// Text and rules on A4 pages, as PDF 1.7 (ISO 32000-1).
///
/// No font is embedded. Latin text is in Helvetica, one of the fonts that every reader has (§9.6.2.2); everything else in
/// STSong-Light of the character collection Adobe-GB1 through the predefined CMap UniGB-UTF16-H (§9.7.5.2), for which readers
/// bring a Chinese font of their own.
struct PDFDocument {
    enum Alignment {
        case left, right
    }

    static let width = 595.0
    static let height = 842.0
    private var pages: [String] = []
    private var content = ""

    /// Ends a page; what follows stands on the next.
    mutating func endPage() {
        pages.append(content)
        content = ""
    }

    /// Writes one line; `x` is its left or right end, `top` how far its foot is below the upper edge, both in points.
    mutating func write(
        _ text: String, x: Double, top: Double, size: Double = 9, _ alignment: Alignment = .left, grey: Double = 0
    ) {
        let runs = PDFDocument.runs(PDFDocument.plain(text))
        let width = runs.reduce(0) { $0 + PDFDocument.width(of: $1) } * size / 1000
        let start = alignment == .left ? x : x - width
        content += "BT \(number(grey)) g \(number(start)) \(number(PDFDocument.height - top)) Td\n"
        for run in runs {
            content += run.isLatin ? "/F1 " : "/F2 "
            content += "\(number(size)) Tf "
            content += run.isLatin ? "(\(PDFDocument.escaped(run.text))) Tj\n" : "<\(PDFDocument.hex(run.text))> Tj\n"
        }
        content += "ET\n"
    }

    /// A thin rule from side to side.
    mutating func rule(top: Double, from left: Double, to right: Double) {
        let y = number(PDFDocument.height - top)
        content += "0.8 G 0.5 w \(number(left)) \(y) m \(number(right)) \(y) l S\n"
    }

    /// Shortens a text to a width in points, with an ellipsis.
    static func fit(_ text: String, _ most: Double, size: Double = 9) -> String {
        func length(_ text: String) -> Double {
            runs(plain(text)).reduce(0) { $0 + width(of: $1) } * size / 1000
        }
        guard length(text) > most else { return text }
        var kept = text
        while !kept.isEmpty, length(kept + "...") > most { kept.removeLast() }
        return kept + "..."
    }

    /// The whole document; call `endPage` before.
    func bytes() -> [UInt8] {
        let first = 7
        let kids = pages.indices.map { "\(first + $0 * 2) 0 R" }.joined(separator: " ")
        var objects = [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [\(kids)] /Count \(pages.count) >>",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
            "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H /DescendantFonts [5 0 R] >>",
            """
            << /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 6 0 R /DW 1000 \
            /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> >>
            """,
            """
            << /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 \
            /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>
            """,
        ]
        for (index, page) in pages.enumerated() {
            let stream = first + index * 2 + 1
            objects.append(
                """
                << /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents \(stream) 0 R \
                /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>
                """)
            objects.append("<< /Length \(page.utf8.count) >>\nstream\n\(page)endstream")
        }
        var out = Array("%PDF-1.7\n".utf8)
        var places: [Int] = []
        for (index, object) in objects.enumerated() {
            places.append(out.count)
            out += Array("\(index + 1) 0 obj\n\(object)\nendobj\n".utf8)
        }
        let table = out.count
        out += Array("xref\n0 \(objects.count + 1)\n0000000000 65535 f \n".utf8)
        for place in places {
            let digits = String(place)
            out += Array((String(repeating: "0", count: 10 - digits.count) + digits + " 00000 n \n").utf8)
        }
        out += Array(
            "trailer\n<< /Size \(objects.count + 1) /Root 1 0 R >>\nstartxref\n\(table)\n%%EOF\n".utf8)
        return out
    }

    // MARK: -

    private struct Run {
        var text: String
        var isLatin: Bool
    }

    /// Signs that have a plain twin in both fonts.
    private static func plain(_ text: String) -> String {
        String(text.map { ["−": "-", "–": "-", "·": "-", "…": ".", "\n": " ", "“": "\"", "”": "\""][$0] ?? $0 })
    }

    private static func runs(_ text: String) -> [Run] {
        var runs: [Run] = []
        for scalar in text.unicodeScalars {
            let isLatin = (32...126).contains(scalar.value)
            if runs.last?.isLatin == isLatin {
                runs[runs.count - 1].text.unicodeScalars.append(scalar)
            } else {
                runs.append(Run(text: String(scalar), isLatin: isLatin))
            }
        }
        return runs
    }

    private static func width(of run: Run) -> Double {
        guard run.isLatin else { return Double(run.text.unicodeScalars.count) * 1000 }
        return run.text.utf8.reduce(0) { $0 + Double(helvetica[Int($1) - 32]) }
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { out, character in
            if "\\()".contains(character) { out.append("\\") }
            out.append(character)
        }
    }

    private static func hex(_ text: String) -> String {
        text.utf16.map { unit in
            let digits = String(unit, radix: 16, uppercase: true)
            return String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
    }

    private func number(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let rest = abs(hundredths % 100)
        return "\(hundredths < 0 ? "-" : "")\(abs(hundredths) / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// Widths of U+0020 to U+007E in Helvetica, in thousandths of the size. Source: Adobe Core 14 font metrics.
    private static let helvetica = [
        278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556,
        556,
        556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556,
        833,
        722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500,
        556,
        556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500,
        334,
        260, 334, 584,
    ]
}
