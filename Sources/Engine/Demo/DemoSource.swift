/// A touchpoint of the demo brand.
package enum DemoSource: Int, Sendable, CaseIterable {
    case web, app, wechat, pos
    /// Scans of channel codes, which have a source of their own.
    case codes

    package var name: String {
        switch self {
        case .web: "官网商城"
        case .app: "手机 App"
        case .wechat: "微信小程序"
        case .pos: "门店收银"
        case .codes: "Channel codes"
        }
    }

    package var kind: SourceKind {
        switch self {
        case .web, .codes: .web
        case .app: .app
        case .wechat: .wechat
        case .pos: .pos
        }
    }

    /// How busy each hour of the day is.
    static func hours(_ source: DemoSource) -> [Double] { source == .pos ? storeHours : onlineHours }

    private static let onlineHours: [Double] = sums([
        2, 1, 0.5, 0.3, 0.2, 0.4, 1, 2.5, 4, 5, 5.5, 5.5, 6.5, 5.5, 4.5, 4.5, 4.5, 4.5, 5, 6.5, 8.5, 10, 8, 4.5,
    ])
    private static let storeHours: [Double] = sums([
        0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 4, 6, 6, 6, 8, 9, 9, 8, 7, 8, 7, 3, 0, 0,
    ])

    private static func sums(_ weights: [Double]) -> [Double] {
        var sum = 0.0
        return weights.map { weight in
            sum += weight
            return sum
        }
    }
}
