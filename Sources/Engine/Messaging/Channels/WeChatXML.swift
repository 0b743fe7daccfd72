import Foundation

/// The little XML that WeChat and WeCom post: elements, text and CDATA. Anything that XML allows besides (attributes, document
/// types, entities of one's own, processing instructions) is refused, so nothing of it can be abused.
package struct WeChatXML: Sendable, Equatable {
    package var name: String
    package var text: String
    package var children: [WeChatXML]

    package static let depthMax = 8
    package static let elementsMax = 2_000

    /// The text of the first child of that name; nil: there is none.
    package subscript(_ name: String) -> String? { child(name)?.text }

    package func child(_ name: String) -> WeChatXML? { children.first { $0.name == name } }

    /// Nil for anything else than one element.
    package init?(parsing bytes: [UInt8]) {
        var reader = Reader(bytes: bytes)
        reader.skipBlanks()
        if reader.skip("<?xml ") {
            guard reader.take(until: "?>") != nil else { return nil }
            reader.skipBlanks()
        }
        guard let root = reader.element(depth: 1) else { return nil }
        reader.skipBlanks()
        guard reader.isAtEnd else { return nil }
        self = root
    }

    private init(name: String) {
        self.name = name
        text = ""
        children = []
    }

    /// Over bytes: what looks like one letter may be several, and a mark may stand behind a bracket.
    private struct Reader {
        let bytes: [UInt8]
        var place = 0
        var count = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { place == bytes.count }

        mutating func skipBlanks() {
            while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { place += 1 }
        }

        func begins(_ text: StaticString) -> Bool {
            let sought = text.withUTF8Buffer { Array($0) }
            return bytes[place...].starts(with: sought)
        }

        mutating func skip(_ text: StaticString) -> Bool {
            guard begins(text) else { return false }
            place += text.utf8CodeUnitCount
            return true
        }

        /// What stands before a text, which is passed over; nil: it does not come.
        mutating func take(until text: StaticString) -> ArraySlice<UInt8>? {
            let start = place
            while place < bytes.count {
                let end = place
                if skip(text) { return bytes[start..<end] }
                place += 1
            }
            return nil
        }

        mutating func element(depth: Int) -> WeChatXML? {
            count += 1
            guard depth <= WeChatXML.depthMax, count <= WeChatXML.elementsMax, skip("<"),
                var tag = take(until: ">")
            else { return nil }
            let isEmpty = tag.last == UInt8(ascii: "/")
            if isEmpty { tag = tag.dropLast() }
            guard let name = Self.name(tag) else { return nil }
            var made = WeChatXML(name: name)
            if isEmpty { return made }
            var text: [UInt8] = []
            while !isAtEnd {
                if skip("</") {
                    guard let end = take(until: ">"), Self.name(end) == name,
                        let words = String(bytes: text, encoding: .utf8)
                    else { return nil }
                    // Of what holds elements, the blanks between them are no text.
                    made.text = made.children.isEmpty ? words : ""
                    return made
                } else if skip("<![CDATA[") {
                    guard let inner = take(until: "]]>") else { return nil }
                    text += inner
                } else if begins("<") {
                    guard let child = element(depth: depth + 1) else { return nil }
                    made.children.append(child)
                } else {
                    let start = place
                    while place < bytes.count, bytes[place] != UInt8(ascii: "<") { place += 1 }
                    guard let plain = Self.decoded(bytes[start..<place]) else { return nil }
                    text += plain
                }
            }
            return nil
        }

        private static func name(_ bytes: ArraySlice<UInt8>) -> String? {
            let isName = bytes.allSatisfy { byte in
                byte >= 0x30 && byte <= 0x39 || byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A || byte == 0x5F
            }
            return isName && !bytes.isEmpty ? String(decoding: bytes, as: UTF8.self) : nil
        }

        /// The five entities that XML has of itself (XML 1.0 §4.6).
        private static let entities: [(name: [UInt8], letter: UInt8)] = [
            (Array("&lt;".utf8), 0x3C), (Array("&gt;".utf8), 0x3E), (Array("&amp;".utf8), 0x26),
            (Array("&quot;".utf8), 0x22), (Array("&apos;".utf8), 0x27),
        ]

        private static func decoded(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
            var out: [UInt8] = []
            var rest = bytes
            while let byte = rest.first {
                guard byte == UInt8(ascii: "&") else {
                    out.append(byte)
                    rest = rest.dropFirst()
                    continue
                }
                guard let entity = entities.first(where: { rest.starts(with: $0.name) }) else { return nil }
                out.append(entity.letter)
                rest = rest.dropFirst(entity.name.count)
            }
            return out
        }
    }
}
