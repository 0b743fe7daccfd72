import Engine

/// The properties of a Sensors event, sorted into what Perennial keeps where: `$` presets that Segment has a place for
/// in `context` go there, `$is_login_id` says who acted, the rest stays with the event.
struct SensorsProperties {
    private(set) var isLoginID = false
    private var own: [(name: String, json: String)] = []
    private var page: [(name: String, json: String)] = []
    private var campaign: [(name: String, json: String)] = []
    private var library: [(name: String, json: String)] = []
    private var system: [(name: String, json: String)] = []
    private var device: [(name: String, json: String)] = []
    private var screen: [(name: String, json: String)] = []
    private var network: [(name: String, json: String)] = []
    private var top: [(name: String, json: String)] = []
    /// `$time`, which stands for the time of the item.
    private(set) var time: JSONSlice?

    init(_ scanner: JSONScanner, _ slice: JSONSlice?, renaming: [String: String] = [:]) {
        guard let slice else { return }
        for (key, value) in JSONMembers.slices(of: scanner.bytes, slice.range) {
            let name = scanner.string(key) ?? ""
            if name.hasPrefix("$") {
                preset(name, value, scanner)
            } else {
                own.append((renaming[name] ?? name, scanner.raw(value)))
            }
        }
    }

    private mutating func preset(_ name: String, _ value: JSONSlice, _ scanner: JSONScanner) {
        let json = scanner.raw(value)
        switch name {
        case "$is_login_id": isLoginID = scanner.bool(value) ?? false
        case "$time": time = value
        case "$project", "$token": break
        case "$url": page.append(("url", json))
        case "$referrer": page.append(("referrer", json))
        case "$title": page.append(("title", json))
        case "$url_path": page.append(("path", json))
        case "$url_query": page.append(("search", json))
        case "$utm_source": campaign.append(("source", json))
        case "$utm_medium": campaign.append(("medium", json))
        case "$utm_campaign": campaign.append(("name", json))
        case "$utm_term": campaign.append(("term", json))
        case "$utm_content": campaign.append(("content", json))
        case "$lib": library.append(("name", json))
        case "$lib_version": library.append(("version", json))
        case "$os": system.append(("name", json))
        case "$os_version": system.append(("version", json))
        case "$manufacturer": device.append(("manufacturer", json))
        case "$model": device.append(("model", json))
        case "$device_id": device.append(("id", json))
        case "$screen_width": screen.append(("width", json))
        case "$screen_height": screen.append(("height", json))
        case "$carrier": network.append(("carrier", json))
        case "$wifi": network.append(("wifi", json))
        case "$ip": top.append(("ip", json))
        case "$user_agent": top.append(("userAgent", json))
        default: own.append((name, json))
        }
    }

    /// What stays with the event, as a JSON object.
    var properties: String { Self.object(own) }

    /// The properties as traits: presets lose their `$`, what only describes the device or the call is left out.
    var traits: String {
        Self.object(own.map { ($0.name.hasPrefix("$") ? String($0.name.dropFirst()) : $0.name, $0.json) })
    }

    /// Page and campaign under Segment's names; profile items carry them as traits instead.
    func context() -> String {
        var members = top
        for (name, group) in [
            ("page", page), ("campaign", campaign), ("library", library), ("os", system), ("device", device),
            ("screen", screen), ("network", network),
        ] where !group.isEmpty {
            members.append((name, Self.object(group)))
        }
        return Self.object(members)
    }

    private static func object(_ members: [(name: String, json: String)]) -> String {
        guard !members.isEmpty else { return "{}" }
        return "{" + members.map { JSONText.quoted($0.name) + ":" + $0.json }.joined(separator: ",") + "}"
    }
}
