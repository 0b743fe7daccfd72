import Foundation
import Testing

@testable import Engine

@Suite("Running imports")
struct ImportRunTests {
    /// 6,919 purchases of 2,357 customers: the CDNOW sample (1/10 of all), as published with Fader, Hardie and Lee,
    /// “RFM and CLV: Using Iso-Value Curves for Customer Base Analysis” (2005).
    static var cdnow: String {
        get throws {
            let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            return folder.appendingPathComponent("Fixtures/lifecycle/cdnow_sample.csv").path
        }
    }

    private func cdnowOptions() throws -> ImportOptions {
        ImportOptions(
            kind: .orders, mapping: try ColumnMapping(parsing: "customer=sid,time=date,amount=amt,quantity=n"),
            timeZone: "UTC", currency: "USD")
    }

    @Test("the whole CDNOW file goes in, and again without adding anything")
    func cdnowTwice() async throws {
        let path = try Self.cdnow
        let first = try await ImportFixtures.events(path: path, try cdnowOptions())
        #expect(first.progress.rows == 6_919)
        #expect(first.progress.refused == 0)
        #expect(Set(first.events.map(\.messageID)).count == 6_919)
        #expect(Set(first.events.map { $0.identities[0].value }).count == 2_357)
        let second = try await ImportFixtures.events(path: path, try cdnowOptions())
        #expect(second.events == first.events)
    }

    @Test("killed at random batches and started again, the result is the same")
    func resumes() async throws {
        let text = ImportRunTests.messy(rows: 30_000, seed: 3)
        let path = try ImportFixtures.file(text)
        let options = ImportOptions(kind: .orders)
        let errors = path + ".errors"
        let whole = try await ImportFixtures.events(path: path, options, errorsPath: errors)
        let wholeErrors = try ErrorFileText.read(errors)
        let plan = try #require(
            try ImportPlanner.plan(path: path, options: options, now: ImportFixtures.now).resolved)
        for failingAt in [1, 2, 5, 7] {
            let noted = Noted()
            let dying = RememberedLog(failingAt: failingAt)
            let cutErrors = path + ".\(failingAt)"
            do {
                _ = try await ImportFixtures.run(plan, path, dying, errorsPath: cutErrors).run {
                    // The process may also die before a note is written: every third is lost.
                    await noted.take($0)
                }
            } catch is RememberedLog.Killed {}
            let rest = RememberedLog()
            let end = try await ImportFixtures.run(plan, path, rest, errorsPath: cutErrors).run(from: await noted.last)
            {
                _ in
            }
            let all = await dying.distinct.merging(await rest.distinct) { first, second in
                #expect(first == second)
                return first
            }
            #expect(all.count == whole.events.count)
            #expect(all.values.allSatisfy { $0.messageID.isEmpty == false })
            #expect(Set(all.keys) == Set(whole.events.map(\.messageID)))
            #expect(end.rows == whole.progress.rows)
            #expect(end.refused == whole.progress.refused)
            #expect(try ErrorFileText.read(cutErrors) == wholeErrors)
        }
    }

    @Test("another file under the same name is noticed before anything is read")
    func changedFile() async throws {
        let path = try ImportFixtures.file("customer_id,date,amount\n1,2024-01-01,5\n")
        var plan = try #require(
            try ImportPlanner.plan(path: path, options: ImportOptions(kind: .orders), now: ImportFixtures.now).resolved)
        plan.fileBytes += 1
        let run = ImportFixtures.run(plan, path, RememberedLog())
        await #expect(throws: ImportError.fileChanged) { try await run.run { _ in } }
    }

    /// Good, bad and repeated rows, some with order ids in scattered lines.
    static func messy(rows: Int, seed: UInt64) -> String {
        var random = SplitMix64(seed: seed)
        var text = "order_id,customer_id,date,amount,sku\n"
        for _ in 0..<rows {
            let draw = random.next()
            let customer = draw % 500
            let day = draw / 500 % 28 + 1
            let id = draw % 5 == 0 ? "S\(customer)-\(day)" : ""
            let amount = draw % 97 == 0 ? "oops" : "\(draw % 40).50"
            let date = "2024-01-" + (day < 10 ? "0" : "") + "\(day)"
            text += "\(id),\(customer),\(date),\(amount),x\(draw % 3)\n"
        }
        return text
    }

    private actor Noted {
        private(set) var last = ImportProgress()
        private var count = 0

        func take(_ progress: ImportProgress) {
            count += 1
            if count % 3 != 0 { last = progress }
        }
    }
}
