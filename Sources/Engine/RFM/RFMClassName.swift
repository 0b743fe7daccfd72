import Science

/// The eight classes by name. Bits: recent, frequent, valuable.
package enum RFMClassName {
    package static let all: [(code: String, chinese: String, english: String)] = [
        ("111", "重要价值", "Key value"),
        ("101", "重要发展", "Key to develop"),
        ("011", "重要保持", "Key to keep"),
        ("001", "重要挽留", "Key to win back"),
        ("110", "一般价值", "General value"),
        ("100", "一般发展", "General to develop"),
        ("010", "一般保持", "General to keep"),
        ("000", "一般挽留", "General to win back"),
    ]

    /// The Chinese name; with fewer dimensions (`1-0`) the code itself.
    package static func chinese(_ code: String) -> String {
        all.first { $0.code == code }?.chinese ?? code
    }

    package static func english(_ code: String) -> String {
        all.first { $0.code == code }?.english ?? code
    }

    /// The codes that exist with these dimensions, best first.
    package static func codes(_ dimensions: Set<RFMDimension>) -> [String] {
        var seen: Set<String> = []
        return all.map { entry in
            String(
                zip(entry.code, RFMDimension.allCases).map { place, dimension in
                    dimensions.contains(dimension) ? place : "-"
                })
        }.filter { seen.insert($0).inserted }
    }
}
