import Engine
import Foundation

/// The disk, and the last backup.
struct UpkeepModel: PageModel {
    struct Row: Encodable, Sendable {
        var name: String
        var value: String
        var detail: String
        var tone: String
    }

    var rows: [Row]
}

enum UpkeepPanel {
    /// Less free than this is worth a colour.
    private static let freeShareMin = 0.1

    static func show(_ request: PageRequest) async throws -> Reply {
        let backup = try await request.platform.store.read { try BackupRecord.load($0) }
        return .panel(
            template: "status/upkeep",
            model: UpkeepModel(rows: [disk(request), row(backup, request)].compactMap { $0 }))
    }

    /// Nil where the system does not tell.
    private static func disk(_ request: PageRequest) -> UpkeepModel.Row? {
        let folder = URL(fileURLWithPath: request.console.configuration.uploadFolder).deletingLastPathComponent().path
        guard
            case .success(let facts) = Result(catching: {
                try FileManager.default.attributesOfFileSystem(forPath: folder)
            }), let free = (facts[.systemFreeSize] as? NSNumber)?.int64Value,
            let size = (facts[.systemSize] as? NSNumber)?.int64Value, size > 0
        else { return nil }
        let share = Double(free) / Double(size)
        return UpkeepModel.Row(
            name: request.text("status.disk"), value: request.wording.bytes(free),
            detail: request.text(
                "status.disk_free", ["share": request.wording.percent(share), "size": request.wording.bytes(size)]),
            tone: share < freeShareMin ? "bad" : "good")
    }

    private static func row(_ backup: BackupRecord?, _ request: PageRequest) -> UpkeepModel.Row {
        guard let backup else {
            return UpkeepModel.Row(
                name: request.text("status.backup"), value: request.text("settings.never"),
                detail: request.text("status.backup_never"), tone: "warn")
        }
        let isFresh = request.now < backup.madeAt.adding(days: BackupRecord.freshDays)
        return UpkeepModel.Row(
            name: request.text("status.backup"), value: request.wording.ago(backup.madeAt, now: request.now),
            detail: request.text(
                "status.backup_detail",
                [
                    "size": request.wording.bytes(backup.bytes), "files": request.wording.number(backup.files),
                    "when": request.wording.dateTime(backup.verifiedAt), "folder": backup.folder,
                ]), tone: isFresh ? "good" : "warn")
    }
}
