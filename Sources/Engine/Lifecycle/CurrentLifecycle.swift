import Science
import Storage

/// The model in force, with the calendar its days are counted in.
package struct CurrentLifecycle: Sendable {
    /// 0 until the first model is published.
    package var version: Int64
    package var model: LifecycleModel
    package var calendar: LocalCalendar

    package init(version: Int64, model: LifecycleModel, calendar: LocalCalendar) {
        self.version = version
        self.model = model
        self.calendar = calendar
    }

    /// The newest published model, or the standard one. Throws: `StorageError`, `DecodingError`.
    package static func load(_ connection: any SQLConnection) throws -> CurrentLifecycle {
        let calendar = try Workspace.load(connection).calendar
        guard let card = try LifecycleCard.newest(connection) else {
            return CurrentLifecycle(version: 0, model: .standard, calendar: calendar)
        }
        return CurrentLifecycle(version: card.version, model: card.model, calendar: calendar)
    }
}
