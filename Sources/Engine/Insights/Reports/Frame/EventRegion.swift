import Storage

/// Where an event happened, as its context tells: what the SDK said, or what was looked up by its address.
enum EventRegion {
    static let country = part("country")
    static let region = part("region")
    static let city = part("city")

    /// All three with strokes; empty when none is known.
    static let path: AnalyticsSQL = """
        if(position(context, '"location"') = 0, '', concat(\(country), '/', \(region), '/', \(city)))
        """

    private static func part(_ name: String) -> AnalyticsSQL {
        "visitParamExtractString(visitParamExtractRaw(context, 'location'), \(name))"
    }
}
