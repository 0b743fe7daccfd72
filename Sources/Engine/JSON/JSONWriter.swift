/// Compact JSON written straight into bytes, without a tree: for what is written so often that the tree costs more than
/// the text.
///
/// The caller brings the members of an object in the order of their keys, so that the text is the one that `JSONValue`
/// gives.
package struct JSONWriter {
    package private(set) var bytes: [UInt8]

    /// `before`: what stands in front of the JSON.
    package init(after before: String = "", capacity: Int) {
        bytes = []
        bytes.reserveCapacity(capacity)
        bytes.append(contentsOf: before.utf8)
    }

    package mutating func open() { bytes.append(UInt8(ascii: "{")) }

    package mutating func close() { bytes.append(UInt8(ascii: "}")) }

    /// An array, each element written by `write`.
    package mutating func array<Element>(_ elements: [Element], _ write: (Element, inout JSONWriter) -> Void) {
        bytes.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            write(element, &self)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// The name of a member whose value comes next; nothing in it needs escaping.
    package mutating func name(_ name: StaticString) {
        part()
        bytes.append(JSONLexer.quote)
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(JSONLexer.quote)
        bytes.append(UInt8(ascii: ":"))
    }

    package mutating func member(_ name: StaticString, _ text: String) {
        self.name(name)
        JSONText.append(text, to: &bytes)
    }

    package mutating func member(_ name: StaticString, _ number: Int64) {
        self.name(name)
        JSONText.append(number, to: &bytes)
    }

    package mutating func member(_ name: StaticString, _ flag: Bool) {
        self.name(name)
        bytes.append(contentsOf: (flag ? "true" : "false").utf8)
    }

    /// Identifiers travel as strings, as in `JSONValue.init(id:)`.
    mutating func member(_ name: StaticString, id: Int64) {
        self.name(name)
        bytes.append(JSONLexer.quote)
        JSONText.append(id, to: &bytes)
        bytes.append(JSONLexer.quote)
    }

    /// A member that is a tree.
    package mutating func member(_ name: StaticString, tree: JSONValue) {
        self.name(name)
        tree.write(to: &bytes)
    }

    /// A member of any name.
    mutating func member(named name: String, _ text: String) {
        part()
        JSONText.append(name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        JSONText.append(text, to: &bytes)
    }

    /// The comma before a member, unless it is the first.
    private mutating func part() {
        if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
    }
}
