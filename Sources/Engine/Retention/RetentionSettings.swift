import Storage

/// How long what is collected is kept; nil keeps it for good. Kept under the settings name `retention`.
package struct RetentionSettings: Codable, Sendable, Equatable {
    /// Events in the analytics store, by whole months.
    package var eventMonths: Int?
    /// Quarantined items, whatever became of them.
    package var quarantineDays: Int?
    /// The uploaded files of finished imports, and their files of refused rows.
    package var importFileDays: Int?
    /// Messages to people, with what they answered; their counts stay.
    package var messageDays: Int?
    /// Message ids, by which a repeated event is known again.
    package var receiptDays = EventLimits.deduplicationDays

    package init() {}

    package static let eventMonthsRange = 1...240
    package static let daysRange = 1...3_650
    package static let receiptDaysRange = 7...365
    /// Rules about how often somebody is written to look back a month.
    package static let messageDaysRange = 62...3_650
    private static let name = "retention"

    package static func load(_ connection: any SQLConnection) throws -> RetentionSettings {
        try Settings.load(RetentionSettings.self, name, connection) ?? RetentionSettings()
    }

    /// Throws: `RetentionError` naming the first setting out of its range, `StorageError`.
    package func save(by actor: String, _ connection: any SQLConnection, at now: Timestamp) throws {
        if let eventMonths, !Self.eventMonthsRange.contains(eventMonths) { throw RetentionError.eventMonths }
        if let quarantineDays, !Self.daysRange.contains(quarantineDays) { throw RetentionError.quarantineDays }
        if let importFileDays, !Self.daysRange.contains(importFileDays) { throw RetentionError.importFileDays }
        if let messageDays, !Self.messageDaysRange.contains(messageDays) { throw RetentionError.messageDays }
        guard Self.receiptDaysRange.contains(receiptDays) else { throw RetentionError.receiptDays }
        try Settings.save(self, Self.name, connection, at: now)
        try AuditLog.append(
            actor: actor, action: "retention.save", subject: "retention", detail: try StoredDocument.text(self),
            connection, at: now)
    }
}

/// A period that cannot be used.
package enum RetentionError: Error, Sendable, Equatable {
    case eventMonths, quarantineDays, importFileDays, messageDays, receiptDays
}
