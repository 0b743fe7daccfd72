import Engine

/// The method of a computation as the fields of an address: window, scoring, class rule, what monetary means.
enum RFMMethod {
    static let windows = [0, 90, 180, 365, 730]
    static let scorings = ["quintiles", "ntile"]
    static let rules = ["mean", "median", "score"]

    /// The settings that the fields ask for; what they leave out, or cannot say, is as saved.
    static func settings(_ fields: Fields, _ saved: RFMSettings) -> RFMSettings {
        var settings = saved
        if let days = fields.int("window"), (0...Int64(RFMSettings.windowDaysMax)).contains(days) {
            settings.windowDays = days == 0 ? nil : Int(days)
        }
        switch fields.text("scoring") {
        case "quintiles": settings.scoring = .valueQuintiles
        case "ntile": if case .ntile = saved.scoring {} else { settings.scoring = .ntile(ties: .byRow) }
        default: break
        }
        switch fields.text("rule") {
        case "mean": settings.classRule = .rawMean
        case "median": settings.classRule = .rawMedian
        case "score": settings.classRule = .scoreMean
        default: break
        }
        if let monetary = RFMMonetary(rawValue: fields.text("monetary")) { settings.monetary = monetary }
        return settings
    }

    static func fields(_ settings: RFMSettings) -> [(String, String)] {
        [
            ("window", String(settings.windowDays ?? 0)), ("scoring", scoring(settings)), ("rule", rule(settings)),
            ("monetary", settings.monetary.rawValue),
        ]
    }

    static func scoring(_ settings: RFMSettings) -> String {
        switch settings.scoring {
        case .valueQuintiles: "quintiles"
        case .ntile: "ntile"
        case .fixed: "fixed"
        }
    }

    static func rule(_ settings: RFMSettings) -> String {
        switch settings.classRule {
        case .rawMean: "mean"
        case .rawMedian: "median"
        case .scoreMean: "score"
        case .fixedCuts: "fixed"
        }
    }

    static func window(_ days: Int, _ wording: Wording) -> String {
        days == 0 ? wording.text("rfm.window_all") : wording.text("rfm.window_days", count: Int64(days))
    }

    /// `All orders · scores by value quintiles · high above the mean · net spend`.
    static func words(_ settings: RFMSettings, _ wording: Wording) -> String {
        [
            window(settings.windowDays ?? 0, wording), wording.text("rfm.scoring_\(scoring(settings))"),
            wording.text("rfm.rule_\(rule(settings))"), wording.text("rfm.monetary_\(settings.monetary.rawValue)"),
        ].joined(separator: " · ")
    }
}

extension RFMReport {
    /// The people of a cell, a class, or everybody, as this report counted them.
    func href(recency: Int? = nil, frequency: Int? = nil, code: String? = nil, count: Int) -> String? {
        guard let day = LocalCalendar.day(fromText: asOf) else { return nil }
        let selection = RFMSelection(
            recency: recency.flatMap { UInt8(exactly: $0) }, frequency: frequency.flatMap { UInt8(exactly: $0) },
            code: code)
        return MarkAddress.href(.rfm(selection, settings, asOf: day), count: Int64(count))
    }
}
