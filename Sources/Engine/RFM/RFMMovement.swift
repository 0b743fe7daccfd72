import Science

/// Who moved between the eight classes from one day to another, both computed with the same settings.
package struct RFMMovement: Sendable, Codable, Equatable {
    package var from: String
    package var to: String
    package var flows: [Flow]

    package struct Flow: Sendable, Codable, Equatable {
        /// A class code; nil: no order in the window then.
        package var from: String?
        package var to: String?
        package var people: Int
    }

    /// Throws: `RFMError`, `StorageError`.
    package static func make(
        _ platform: Platform, settings: RFMSettings? = nil, from start: Int64, to end: Int64
    ) async throws -> RFMMovement {
        let saved = try await platform.store.read { try RFMSettings.load($0) }
        let settings = settings ?? saved
        let before = try await RFM.compute(platform, settings: settings, asOf: start)
        let after = try await RFM.compute(platform, settings: settings, asOf: end)
        return RFMMovement(before, after)
    }

    init(_ before: RFMResult, _ after: RFMResult) {
        from = LocalCalendar.text(ofDay: before.asOf)
        to = LocalCalendar.text(ofDay: after.asOf)
        var counts = [Int](repeating: 0, count: Self.places * Self.places)
        Self.walk(before, after) { _, left, right in counts[left * Self.places + right] += 1 }
        let dimensions = before.settings.dimensions
        flows = counts.indices.filter { counts[$0] > 0 }.map {
            Flow(
                from: Self.code($0 / Self.places, dimensions), to: Self.code($0 % Self.places, dimensions),
                people: counts[$0])
        }.sorted { $0.people > $1.people }
    }

    /// The people of one flow, by ascending id; nil: no order in the window on that day.
    package static func people(
        _ before: RFMResult, _ after: RFMResult, from: String?, to: String?
    ) -> [Int64] {
        var found: [Int64] = []
        let dimensions = before.settings.dimensions
        walk(before, after) { id, left, right in
            if code(left, dimensions) == from, code(right, dimensions) == to { found.append(id) }
        }
        return found
    }

    /// 8 classes, and outside the window (8).
    private static let places = 9

    private static func code(_ place: Int, _ dimensions: Set<RFMDimension>) -> String? {
        place == places - 1 ? nil : RFMClass(rawValue: UInt8(place)).code(dimensions)
    }

    /// Joins two computations on the customers' ids, which both have in ascending order.
    private static func walk(
        _ before: RFMResult, _ after: RFMResult, _ visit: (_ id: Int64, _ left: Int, _ right: Int) -> Void
    ) {
        var left = 0
        var right = 0
        while left < before.customers.count || right < after.customers.count {
            let leftID = left < before.customers.count ? before.customers.ids[left] : .max
            let rightID = right < after.customers.count ? after.customers.ids[right] : .max
            let id = min(leftID, rightID)
            visit(
                id, leftID == id ? Int(before.analysis.classes[left]) : places - 1,
                rightID == id ? Int(after.analysis.classes[right]) : places - 1)
            if leftID == id { left += 1 }
            if rightID == id { right += 1 }
        }
    }
}
