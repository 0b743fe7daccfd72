import Storage

/// Widths of the browser's window that lay a page out alike.
package enum HeatmapBand: String, Sendable, CaseIterable {
    case phone, tablet, desktop

    private static let tabletFrom: Int64 = 768
    private static let desktopFrom: Int64 = 1_024

    /// That an event was seen in such a window: the tracker tells the width with a click, and of every page.
    var condition: AnalyticsSQL {
        switch self {
        case .phone: "\(Self.width) > 0 AND \(Self.width) < \(Self.tabletFrom)"
        case .tablet: "\(Self.width) >= \(Self.tabletFrom) AND \(Self.width) < \(Self.desktopFrom)"
        case .desktop: "\(Self.width) >= \(Self.desktopFrom)"
        }
    }

    static let width: AnalyticsSQL = """
        if(visitParamHas(properties, 'viewport_width'), toInt64(visitParamExtractInt(properties, 'viewport_width')),
            toInt64(visitParamExtractInt(context, 'innerWidth')))
        """
}
