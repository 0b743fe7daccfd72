/// What the analytics store keeps of an event's page and campaign in columns of their own.
///
/// Read from `context.page`, `context.campaign` (Segment's names), else from the properties of a page view.
struct ArchiveContext: Equatable {
    var url = ""
    var referrer = ""
    var campaignSource = ""
    var campaignMedium = ""
    var campaignName = ""

    init(context: String, properties: String) {
        if context.utf8.count > 2 { readContext(context) }
        if url.isEmpty, properties.utf8.count > 2 { readPage(properties) }
    }

    private mutating func readContext(_ text: String) {
        Self.walk(text) { scanner, key throws(JSONError) in
            if scanner.matches(key, "page") {
                try self.readMembers(&scanner) { page, name, value in
                    if page.matches(name, "url") { self.url = page.string(value) ?? "" }
                    if page.matches(name, "referrer") { self.referrer = page.string(value) ?? "" }
                }
            } else if scanner.matches(key, "campaign") {
                try self.readMembers(&scanner) { campaign, name, value in
                    if campaign.matches(name, "source") { self.campaignSource = campaign.string(value) ?? "" }
                    if campaign.matches(name, "medium") { self.campaignMedium = campaign.string(value) ?? "" }
                    if campaign.matches(name, "name") { self.campaignName = campaign.string(value) ?? "" }
                }
            } else {
                _ = try scanner.value()
            }
        }
    }

    private mutating func readPage(_ text: String) {
        Self.walk(text) { scanner, key throws(JSONError) in
            let value = try scanner.value()
            if scanner.matches(key, "url") { self.url = scanner.string(value) ?? "" }
            if scanner.matches(key, "referrer") { self.referrer = scanner.string(value) ?? "" }
        }
    }

    /// Walks the members of an object value; passes over a value of any other kind.
    private func readMembers(
        _ scanner: inout JSONScanner, _ body: (JSONScanner, JSONSlice, JSONSlice) -> Void
    ) throws(JSONError) {
        guard scanner.peek() == .object else {
            _ = try scanner.value()
            return
        }
        try scanner.enterObject()
        while let name = try scanner.nextKey() {
            let value = try scanner.value()
            body(scanner, name, value)
        }
    }

    /// Walks the members of a document that was validated when it entered the log.
    private static func walk(
        _ text: String, _ member: (inout JSONScanner, JSONSlice) throws(JSONError) -> Void
    ) {
        var text = text
        text.withUTF8 { bytes in
            var scanner = JSONScanner(bytes)
            do {
                try scanner.enterObject()
                while let key = try scanner.nextKey() { try member(&scanner, key) }
            } catch {
                // Only validated objects are logged; what was read up to a flaw stands.
            }
        }
    }
}
