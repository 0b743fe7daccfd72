import Storage

/// Where an event happened, as its context tells: what the SDK said, or what was looked up by its address.
enum EventRegion {
    static let country = part("country")
    static let region = part("region")
    static let city = part("city")

    private static func part(_ name: String) -> AnalyticsSQL {
        "visitParamExtractString(visitParamExtractRaw(context, 'location'), \(name))"
    }
}
