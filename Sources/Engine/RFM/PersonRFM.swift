import Science
import Storage

/// What a person's RFM class follows from: their own values in the window, beside the borders of the saved computation.
package struct PersonRFM: Sendable, Equatable {
    package struct Value: Sendable, Equatable {
        package var dimension: RFMDimension
        /// Days, orders, or minor units.
        package var value: Int64
        /// What "high" was compared with.
        package var border: Double
    }

    package var asOf: Int64
    package var settings: RFMSettings
    package var values: [Value]

    /// The person's orders as they are known now, in the window of the newest computation; nil when there was none yet,
    /// or none of the orders lies in the window. Throws: `StorageError`, `DecodingError`.
    package static func load(_ profileID: Int64, _ connection: any SQLConnection) throws -> PersonRFM? {
        guard let report = try RFMCard.newest(connection)?.report,
            let asOf = LocalCalendar.day(fromText: report.asOf)
        else { return nil }
        let calendar = try Workspace.load(connection).calendar
        let end = calendar.start(ofDay: asOf + 1)
        let start = report.settings.windowDays.map { calendar.start(ofDay: asOf - Int64($0) + 1).milliseconds } ?? 0
        guard
            let row = try connection.first(
                """
                SELECT count(*), COALESCE(sum(net_workspace), 0), max(ordered_ms) FROM orders
                WHERE profile_id = \(profileID) AND status IN ('completed', 'partially_refunded')
                AND ordered_ms >= \(start) AND ordered_ms < \(end.milliseconds)
                """), let last = try row.intOrNil(2)
        else { return nil }
        let (orders, net) = (try row.int(0), try row.int(1))
        let monetary = report.settings.monetary == .netSpend ? net : (net + orders / 2) / max(orders, 1)
        let recency = asOf - calendar.day(of: Timestamp(milliseconds: last))
        return PersonRFM(
            asOf: asOf, settings: report.settings,
            values: report.dimensions.map { dimension in
                Value(
                    dimension: dimension.dimension,
                    value: dimension.dimension.choose(recency, orders, monetary), border: dimension.classCut)
            })
    }
}
