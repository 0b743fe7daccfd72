import Foundation
import Storage

/// Deletes what is older than the brand wants to keep, once a night, in bounded steps.
///
/// Receipts go with the log (`LogRetention`). Orders, profiles and the figures made of them stay: they are the brand's
/// books, not its log.
package enum DataRetention {
    package static let kind = "data_retention"
    static let chunkRows = 500

    package static let handler = JobHandler(kind: kind, schedule: .daily(hour: 4, minute: 30)) { context in
        let now = context.platform.effects.now()
        let (settings, calendar) = try await context.platform.store.read {
            (try RetentionSettings.load($0), try Workspace.load($0).calendar)
        }
        var removed: [String: Int] = [:]
        if let days = settings.quarantineDays {
            removed["quarantine"] = try await QuarantineList.deleteOld(context, before: now.adding(days: -days))
        }
        if let days = settings.importFileDays {
            removed["files"] = try await ImportedFiles.deleteOld(context, before: now.adding(days: -days))
        }
        if let months = settings.eventMonths {
            let first = firstDay(keeping: months, today: calendar.day(of: now))
            let start = LocalCalendar.day(fromText: first).map { calendar.start(ofDay: $0) }
            removed["months"] = try await context.platform.analytics.dropEvents(beforeDay: first, start)
        }
        return try StoredDocument.text(removed)
    }

    /// The first day of the oldest month that is kept beside the present one.
    static func firstDay(keeping months: Int, today: Int64) -> String {
        let parts = LocalCalendar.text(ofDay: today).split(separator: "-").compactMap { Int($0) }
        let month = parts[0] * 12 + parts[1] - 1 - months
        let (year, number) = (month / 12, month % 12 + 1)
        return "\(year)-\(number < 10 ? "0" : "")\(number)-01"
    }
}

extension ImportedFiles {
    static func deleteOld(_ context: JobContext, before time: Timestamp) async throws -> Int {
        var deleted = 0
        for record in try await records(context, before: time) where record.status.isFinished {
            for path in (record.isUpload ? [record.filePath] : []) + [record.errorsPath]
            where FileManager.default.fileExists(atPath: path) {
                try FileManager.default.removeItem(atPath: path)
                deleted += 1
            }
        }
        return deleted
    }
}

extension AnalyticsStore {
    /// Drops whole months of events that end before a day. Returns how many. Safe to repeat.
    func dropEvents(beforeDay first: String, _ start: Timestamp?) async throws -> Int {
        let months = try await query(
            "SELECT DISTINCT toInt64(toYYYYMM(d)) AS month FROM events WHERE d < toDate(\(first)) ORDER BY month"
        ).ints(0)
        for month in months {
            try await execute("ALTER TABLE {data events} DROP PARTITION \(raw: String(month))")
        }
        if let start, !months.isEmpty {
            try await execute("ALTER TABLE {data timeline} DELETE WHERE ts_ms < \(start.milliseconds)")
        }
        return months.count
    }
}
