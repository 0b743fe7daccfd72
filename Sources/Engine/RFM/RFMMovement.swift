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

    /// Joins two computations on the customers' ids, which both have in ascending order.
    init(_ before: RFMResult, _ after: RFMResult) {
        from = LocalCalendar.text(ofDay: before.asOf)
        to = LocalCalendar.text(ofDay: after.asOf)
        // 8 classes and nobody (8) on either side.
        var counts = [Int](repeating: 0, count: 81)
        var left = 0
        var right = 0
        while left < before.customers.count || right < after.customers.count {
            let leftID = left < before.customers.count ? before.customers.ids[left] : .max
            let rightID = right < after.customers.count ? after.customers.ids[right] : .max
            let id = min(leftID, rightID)
            let leftClass = leftID == id ? Int(before.analysis.classes[left]) : 8
            let rightClass = rightID == id ? Int(after.analysis.classes[right]) : 8
            counts[leftClass * 9 + rightClass] += 1
            if leftID == id { left += 1 }
            if rightID == id { right += 1 }
        }
        func code(_ index: Int) -> String? {
            index == 8 ? nil : RFMClass(rawValue: UInt8(index)).code(before.settings.dimensions)
        }
        flows = counts.indices.filter { counts[$0] > 0 }.map {
            Flow(from: code($0 / 9), to: code($0 % 9), people: counts[$0])
        }.sorted { $0.people > $1.people }
    }
}
