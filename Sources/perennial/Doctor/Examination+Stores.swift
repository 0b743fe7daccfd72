import Engine
import Foundation
import Storage

extension Examination {
    func stores() async -> [Finding] {
        await operationalStore() + analyticsStore()
    }

    private func operationalStore() async -> [Finding] {
        if configuration.storeURL == configuration.data.storeURL,
            !FileManager.default.fileExists(atPath: configuration.data.storeFile)
        {
            return [.warning("Operational store", "embedded, not made yet", remedy: "`perennial serve` makes it.")]
        }
        let store: any OperationalStore
        do {
            store = try await openOperationalStore(configuration.storeURL)
        } catch {
            return [
                .bad(
                    "Operational store", "\(error)", remedy: "Check --store, that the server runs, and its credentials."
                )
            ]
        }
        var findings: [Finding] = []
        do {
            let diagnosis = try await store.diagnose()
            findings += try describe("Operational store", diagnosis, known: SchemaFiles.operational())
            findings.append(try await clock(store))
            if diagnosis.schemaVersion > 0 { findings += try await log(store) }
        } catch {
            findings.append(.bad("Operational store", "\(error)", remedy: "Check the store's own log."))
        }
        await store.close()
        return findings
    }

    /// An embedded store that a running server has open is left alone: its folder cannot be opened twice.
    private func analyticsStore() async -> [Finding] {
        var lock: DataFolderLock?
        if configuration.analyticsIsEmbedded {
            if RunningServer.find(in: configuration.data) != nil {
                return [.good("Analytics store", "embedded, open in the running server")]
            }
            guard FileManager.default.fileExists(atPath: configuration.data.path) else {
                return [.warning("Analytics store", "embedded, not made yet", remedy: "`perennial serve` makes it.")]
            }
            do {
                lock = try DataFolderLock(configuration.data)
            } catch {
                return [.warning("Analytics store", "\(error)", remedy: "Run doctor again when it has finished.")]
            }
        }
        defer { lock?.release() }
        do {
            let store = try await openAnalyticsStore(configuration.analyticsURL)
            do {
                let findings = try await describe(
                    "Analytics store", store.diagnose(), known: SchemaFiles.analytics())
                await store.close()
                return findings
            } catch {
                await store.close()
                throw error
            }
        } catch {
            return [
                .bad(
                    "Analytics store", "\(error)",
                    remedy: configuration.analyticsIsEmbedded
                        ? "Run scripts/fetch, and install libpython3.11."
                        : "Check --analytics and that the cluster runs.")
            ]
        }
    }

    private func describe(_ subject: String, _ diagnosis: StoreDiagnosis, known: [Migration]) throws -> [Finding] {
        let size = diagnosis.bytes.map { ", \($0 / 1_000_000) MB" } ?? ""
        var findings = [
            Finding.good(subject, "\(diagnosis.product) \(diagnosis.version) at \(diagnosis.address)\(size)")
        ]
        let newest = known.last?.version ?? 0
        if diagnosis.schemaVersion > newest {
            findings.append(
                .bad(
                    "\(subject)'s schema", "version \(diagnosis.schemaVersion), this program knows \(newest)",
                    remedy: "Use the newer program that migrated it."))
        } else if diagnosis.schemaVersion < newest {
            findings.append(
                .warning(
                    "\(subject)'s schema", "version \(diagnosis.schemaVersion) of \(newest)",
                    remedy: "Run `perennial migrate`; `serve` does so too."))
        }
        findings += diagnosis.warnings.map { .warning(subject, $0, remedy: "See docs/operations.md.") }
        return findings
    }

    /// Compares this machine's clock with the store's.
    private func clock(_ store: any OperationalStore) async throws -> Finding {
        let asked: SQL =
            store.dialect == .postgresql
            ? "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"
            : "SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
        let theirs = try await store.read { try $0.first(asked)?.int(0) } ?? 0
        let difference = effects.now().milliseconds - theirs
        let earliestSane: Int64 = 1_704_067_200_000
        guard abs(difference) <= Self.clockToleranceMilliseconds, effects.now().milliseconds > earliestSane else {
            return .bad(
                "Clock", "differs from the store's by \(difference) ms",
                remedy: "Synchronise both machines (chrony, systemd-timesyncd).")
        }
        return .good("Clock", "within \(abs(difference)) ms of the store's")
    }

    private func log(_ store: any OperationalStore) async throws -> [Finding] {
        let now = effects.now()
        let progress = try await store.read { try LogProgress.load($0, now: now) }
        let waiting = progress.end - progress.archived
        let detail = "\(progress.end) events, \(progress.end - progress.processed) to process, \(waiting) to archive"
        let lag = max(progress.processingLagMilliseconds, progress.archivingLagMilliseconds) / 1000
        guard lag > 60, RunningServer.find(in: configuration.data) != nil else { return [.good("Event log", detail)] }
        return [
            .warning(
                "Event log", "\(detail); the oldest has waited \(lag) s",
                remedy: "See the server's log for failing batches, or add processes (docs/operations.md).")
        ]
    }
}
