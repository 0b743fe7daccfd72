/// Writes what the tracker and the channel codes' addresses record, in their own shape.
enum DemoTracked {
    private static let version = "1.0.0"

    /// A visit's page and the window it is seen in: the same for all that happens in it.
    private struct Visit {
        let page: DemoPage
        let pageID: String
        let sessionID: String
        let window: Window
        let code: DemoCode?
        var url: String {
            let address = "https://\(DemoCode.host)\(page.path)"
            guard let code else { return address }
            return address + "?pn_code=\(code.code)&utm_source=offline&utm_medium=\(code.kind.rawValue)"
        }

        init(_ moment: DemoMoment) {
            var random = SplitMix64(seed: moment.draw, part: 0)
            code = DemoTracked.code(moment)
            // Codes lead to the new arrivals.
            let page = random.index(cumulative: [50, 75, 100])
            self.page = DemoPage.all[moment.code == 0 ? page : 0]
            pageID = String(random.next(), radix: 16)
            sessionID = String(random.next(), radix: 16)
            let window = random.index(cumulative: [45, 52, 100])
            self.window = Window.all[moment.code == 0 ? window : 0]
        }
    }

    /// A window of a browser, and how high pages are in it.
    private struct Window {
        let width: Int64
        let height: Int64
        let pageHeight: Int64
        let device: String
        let system: String
        let browser: String
        let userAgent: String

        static let all = [
            Window(
                width: 390, height: 664, pageHeight: 3_400, device: "phone", system: "iOS", browser: "Mobile Safari",
                userAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
                    + "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"),
            Window(
                width: 834, height: 1_075, pageHeight: 2_900, device: "tablet", system: "iOS",
                browser: "Mobile Safari",
                userAgent: "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
                    + "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"),
            Window(
                width: 1_440, height: 789, pageHeight: 2_600, device: "desktop", system: "Windows", browser: "Chrome",
                userAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                    + "Chrome/142.0.0.0 Safari/537.36"),
        ]

        var client: JSONValue { ["device": .string(device), "browser": .string(browser), "os": .string(system)] }
    }

    /// Makes of the event what `moment` says.
    static func fill(_ event: inout IncomingEvent, _ moment: DemoMoment) {
        if moment.act == .code {
            scan(&event, moment)
            return
        }
        let visit = Visit(moment)
        event.context = context(visit)
        switch moment.act {
        case .session: session(&event, visit)
        case .seen:
            event.kind = .page
            let properties: JSONValue = [
                "title": .string(visit.page.title), "url": .string(visit.url), "path": .string(visit.page.path),
                "referrer": "", "page_id": .string(visit.pageID),
            ]
            event.properties = properties.text()
        case .click: event.properties = click(moment, visit).text()
        default: event.properties = dwell(moment, visit).text()
        }
    }

    private static func code(_ moment: DemoMoment) -> DemoCode? {
        moment.code == 0 ? nil : DemoCode.all[Int(moment.code) - 1]
    }

    private static func session(_ event: inout IncomingEvent, _ visit: Visit) {
        var properties: [String: JSONValue] = ["landing_page": .string(visit.url), "referrer": ""]
        var traits: [String: JSONValue] = ["first_landing_page": .string(visit.url)]
        if let code = visit.code {
            properties["channel_code"] = .string(code.code)
            traits["first_channel_code"] = .string(code.code)
        }
        event.properties = JSONValue.object(properties).text()
        event.traits = JSONValue.object(traits).text()
        event.traitOperation = .setOnce
    }

    private static func click(_ moment: DemoMoment, _ visit: Visit) -> JSONValue {
        var random = SplitMix64(seed: moment.draw, part: UInt64(moment.step))
        let element = visit.page.element(&random)
        let (x, y) = (inside(&random), inside(&random))
        let window = visit.window
        func place(_ spot: (middle: Double, size: Double), _ share: Double, of length: Int64) -> Int64 {
            Int64((Double(length) * (spot.middle + (share - 0.5) * spot.size)).rounded())
        }
        var properties: [String: JSONValue] = [
            "selector": .string(element.selector), "tag": .string(element.tag), "text": .string(element.text),
            "x": .number(x), "y": .number(y), "page_x": .integer(place(element.across, x, of: window.width)),
            "page_y": .integer(place(element.down, y, of: window.pageHeight)),
            "viewport_width": .integer(window.width), "page_width": .integer(window.width),
            "page_height": .integer(window.pageHeight), "path": .string(visit.page.path),
            "page_id": .string(visit.pageID),
        ]
        if let href = element.href { properties["href"] = .string(href) }
        return .object(properties)
    }

    /// A place across an element, to the thousandth as the tracker tells it.
    private static func inside(_ random: inout SplitMix64) -> Double {
        (min(1, max(0, random.normal(mean: 0.5, deviation: 0.18))) * 1_000).rounded() / 1_000
    }

    private static func dwell(_ moment: DemoMoment, _ visit: Visit) -> JSONValue {
        var random = SplitMix64(seed: moment.draw, part: UInt64(moment.step))
        let first = Double(visit.window.height) / Double(visit.window.pageHeight) * 100
        let depth = min(100, first + random.exponential(mean: 34))
        return [
            "seconds": .number((20 + random.exponential(mean: 300)).rounded() / 10),
            "scroll_depth": .integer(Int64(depth)), "page_id": .string(visit.pageID), "url": .string(visit.url),
            "path": .string(visit.page.path),
        ]
    }

    private static func context(_ visit: Visit) -> String {
        let window = visit.window
        var context: [String: JSONValue] = [
            "page": [
                "url": .string(visit.url), "path": .string(visit.page.path), "title": .string(visit.page.title),
                "referrer": "",
            ],
            "screen": ["innerWidth": .integer(window.width), "innerHeight": .integer(window.height)],
            "library": ["name": "perennial.js", "version": .string(version)],
            "sessionId": .string(visit.sessionID), "userAgent": .string(window.userAgent), "client": window.client,
        ]
        if let code = visit.code { add(code, to: &context) }
        return JSONValue.object(context).text()
    }

    private static func add(_ code: DemoCode, to context: inout [String: JSONValue]) {
        context["channelCode"] = .string(code.code)
        context["campaign"] = [
            "source": .string(code.campaign.source), "medium": .string(code.campaign.medium),
            "name": .string(code.campaign.name),
        ]
    }

    private static func scan(_ event: inout IncomingEvent, _ moment: DemoMoment) {
        guard let code = code(moment) else { return }
        let phone = Window.all[0]
        let properties: JSONValue = [
            "channel_code": .string(code.code), "name": .string(code.name), "kind": .string(code.kind.rawValue),
            "owner": .string(code.owner), "target": .string(DemoCode.target),
        ]
        let traits: JSONValue = [
            "first_channel_code": .string(code.code), "first_channel_kind": .string(code.kind.rawValue),
            "first_channel_owner": .string(code.owner),
        ]
        var context: [String: JSONValue] = ["userAgent": .string(phone.userAgent), "client": phone.client]
        add(code, to: &context)
        event.properties = properties.text()
        event.traits = traits.text()
        event.traitOperation = .setOnce
        event.context = JSONValue.object(context).text()
    }
}
