/// What to call a person, out of the names that Segment, Sensors and imports use.
enum DisplayName {
    private static let charactersLimit = 120

    static func of(_ state: ProfileState) -> String? {
        let whole = state.value("name", "$name", "full_name", "fullName", "display_name")
        if let name = clean(whole) { return name }
        let first = clean(state.value("first_name", "firstName", "$first_name"))
        let last = clean(state.value("last_name", "lastName", "$last_name"))
        switch (first, last) {
        case (let first?, let last?):
            // Family name first and without a blank where that is the custom.
            return isHan(last) || isHan(first) ? last + first : "\(first) \(last)"
        case (let first?, nil): return first
        case (nil, let last?): return last
        case (nil, nil): return clean(state.value("nickname", "nick_name", "nickName", "username"))
        }
    }

    private static func clean(_ value: JSONValue?) -> String? {
        guard let text = value?.stringValue else { return nil }
        let name = Whitespace.trim(text)
        return name.isEmpty ? nil : String(name.prefix(charactersLimit))
    }

    private static func isHan(_ text: String) -> Bool {
        text.unicodeScalars.contains { (0x3400...0x9FFF).contains($0.value) || (0x20000...0x3134F).contains($0.value) }
    }
}
