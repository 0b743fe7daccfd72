import Storage
import TestSupport
import Testing

@testable import Engine

/// A short one; `perennial simulate` runs a year.
@Suite("Simulation of a brand", .serialized)
struct SimulationTests {
    @Test("weeks of tills, crashes, returns, merges and changed rules break nothing", arguments: StoreKind.allCases)
    func weeks(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let report = try await Simulation.run(
                Simulation.Options(seed: 1, days: 20, members: 6, operationsPerDay: 14), store: store)
            #expect(report.operations == 280)
            #expect(report.accounts == 6 + report.pools && report.pools > 0)
            #expect(report.purchases > 20 && report.returns > 10 && report.coupons > 0)
            #expect(report.refused < report.operations)
            #expect(report.transactions > 60)
        }
    }

    @Test("a seed tells the same twice")
    func same() async throws {
        var reports: [Simulation.Report] = []
        for _ in 0..<2 {
            try await TestDatabase.with(.sqlite) { store in
                reports.append(
                    try await Simulation.run(
                        Simulation.Options(seed: 7, days: 5, members: 5, operationsPerDay: 10), store: store))
            }
        }
        #expect(reports[0] == reports[1])
    }
}
