import Science
import Storage

/// The liability of every currency as it is now: what the API, the console and the command line show.
package struct LiabilityReport: TabularReport, Sendable, Equatable {
    package struct Currency: Encodable, Sendable, Equatable {
        package var code: String
        package var outstanding: Int64
        package var pending: Int64
        package var available: Int64
        package var held: Int64
        package var owed: Int64
        package var members: Int64
        /// In minor units of the workspace's currency; nil: nobody said what points are worth.
        package var worth: Int64?
        package var months: [Month]
        package var soon: [Soon]
        package var forecast: Forecast
        package var cohorts: [Cohort]
    }

    package struct Month: Encodable, Sendable, Equatable {
        /// nil: what does not lapse by itself.
        package var month: String?
        package var pending: Int64
        package var available: Int64
        package var held: Int64
    }

    package struct Soon: Encodable, Sendable, Equatable {
        package var days: Int
        package var amount: Int64
        package var members: Int64
    }

    package struct Forecast: Encodable, Sendable, Equatable {
        package var breakage: Int64
        /// Of 90%; nil with too few months to tell.
        package var breakageLow: Int64?
        package var breakageHigh: Int64?
        /// Of what is outstanding, a share of 1.
        package var breakageShare: Double?
        package var method: String
        package var cohorts: Int
        /// Share redeemed in the month, by months of age.
        package var monthlyRates: [Double]
    }

    package struct Cohort: Encodable, Sendable, Equatable {
        package var month: String
        package var issued: Int64
        /// By months of age, sums since the issue.
        package var redeemed: [Int64]
        package var lapsed: [Int64]
        package var takenBack: [Int64]
        package var outstanding: [Int64]
        package var isOpen: Bool
    }

    package var asOf: String
    package var currency: String
    package var currencies: [Currency]

    private static let method =
        "discrete life table by months of age; interval by a bootstrap over months of issue (90%)"

    /// Of one currency, or of all. Throws: `PointsError.unknownCurrency`, `StorageError`.
    package static func load(
        _ code: String? = nil, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> LiabilityReport {
        let workspace = try Workspace.load(connection)
        let codes = try code.map { [$0] } ?? PointsCurrencies.list(connection).map(\.currency.code)
        return LiabilityReport(
            asOf: LocalCalendar.text(ofDay: workspace.calendar.day(of: now)), currency: workspace.currency,
            currencies: try codes.map { try one($0, at: now, connection) })
    }

    private static func one(
        _ code: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> Currency {
        let liability = try Liability.load(code, at: now, connection)
        let cohorts = try LiabilityCohorts.load(code, at: now, connection)
        let forecast = try LiabilityForecast.make(liability.currency, cohorts, at: now, connection)
        func whole(_ value: Double) -> Int64 { Int64(value.rounded()) }
        return Currency(
            code: code, outstanding: liability.outstanding, pending: liability.pending,
            available: liability.available, held: liability.held, owed: liability.owed, members: liability.members,
            worth: liability.worth(liability.outstanding),
            months: liability.months.map {
                Month(month: $0.month, pending: $0.pending, available: $0.available, held: $0.held)
            }, soon: liability.soon.map { Soon(days: $0.days, amount: $0.amount, members: $0.members) },
            forecast: Forecast(
                breakage: whole(forecast.breakage.value), breakageLow: forecast.breakage.low.map(whole),
                breakageHigh: forecast.breakage.high.map(whole),
                breakageShare: forecast.outstanding > 0 ? forecast.breakage.value / forecast.outstanding : nil,
                method: method, cohorts: forecast.cohorts, monthlyRates: forecast.rates),
            cohorts: cohorts.cohorts.map {
                Cohort(
                    month: $0.month, issued: $0.issued, redeemed: $0.redeemed, lapsed: $0.lapsed,
                    takenBack: $0.takenBack, outstanding: $0.outstanding, isOpen: $0.isOpen)
            })
    }

    package var tables: [ReportTable] {
        currencies.flatMap { currency in
            [
                ReportTable(
                    "\(currency.code): outstanding as of \(asOf)",
                    [
                        .number("pending"), .number("available"), .number("held"), .number("owed"),
                        .number("outstanding"), .number("members"), .number("worth"), .number("breakage"),
                        .number("low"), .number("high"),
                    ],
                    rows: [
                        [
                            String(currency.pending), String(currency.available), String(currency.held),
                            String(currency.owed), String(currency.outstanding), String(currency.members),
                            currency.worth.map { ReportFigure.money($0, self.currency) } ?? "",
                            String(currency.forecast.breakage),
                            currency.forecast.breakageLow.map { String($0) } ?? "",
                            currency.forecast.breakageHigh.map { String($0) } ?? "",
                        ]
                    ]),
                ReportTable(
                    "\(currency.code): by month of lapsing",
                    [.text("month"), .number("pending"), .number("available"), .number("held")],
                    rows: currency.months.map {
                        [$0.month ?? "never", String($0.pending), String($0.available), String($0.held)]
                    }),
                ReportTable(
                    "\(currency.code): what became of each month's points",
                    [
                        .text("issued in"), .number("issued"), .number("redeemed"), .number("lapsed"),
                        .number("taken back"), .number("outstanding"),
                    ],
                    rows: currency.cohorts.map {
                        [
                            $0.month, String($0.issued), String($0.redeemed.last ?? 0), String($0.lapsed.last ?? 0),
                            String($0.takenBack.last ?? 0), String($0.outstanding.last ?? 0),
                        ]
                    }),
            ]
        }
    }
}
