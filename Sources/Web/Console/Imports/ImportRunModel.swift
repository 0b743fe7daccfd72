import Engine

/// An import while it runs and after.
struct ImportRunModel: PageModel {
    var id: String
    var status: String
    var tone: String
    var isRunning: Bool
    var isDone: Bool
    var isFinished: Bool
    /// 0…1 for the bar.
    var fraction: String
    var percent: String
    var left: String?
    var figures: [FigureModel]
    var failure: String?
    var hasRefused: Bool
    var refused: String
    var explanation: String
    var mapping: String
    /// The tab's title tells how far it is.
    var title: String

    init(_ record: ImportRecord, _ request: PageRequest) {
        let wording = request.wording
        let progress = record.progress
        id = String(record.id)
        status = wording.text("imports.status_\(record.status.rawValue)")
        tone = ImportText.tone(record.status)
        isRunning = !record.status.isFinished
        isDone = record.status == .done
        isFinished = record.status.isFinished
        let share = record.status == .done ? 1 : record.status == .waiting ? 0 : progress.fraction
        fraction = Wording.attribute(share)
        percent = wording.percent(share, digits: 0)
        left =
            record.status == .running
            ? progress.secondsLeft.map {
                wording.text("imports.left", ["length": wording.length(milliseconds: Int64($0 * 1000))])
            } : nil
        figures = [
            FigureModel(wording.text("imports.rows"), wording.number(progress.rows)),
            FigureModel(wording.text("imports.stored"), wording.number(progress.events)),
            FigureModel(wording.text("imports.refused"), wording.number(progress.refused)),
            FigureModel(
                wording.text("imports.rate"),
                progress.rowsPerSecond > 0
                    ? wording.compact(Int64(progress.rowsPerSecond)) : wording.text("frame.none")),
        ]
        failure = record.error.map { ImportText.say($0.code, $0.message, request) }
        hasRefused = progress.refused > 0
        refused = wording.text("imports.refused_count", count: progress.refused)
        explanation = wording.text("imports.explain_\(record.status.rawValue)")
        mapping = record.plan?.mapping.text ?? ""
        title = record.fileName
    }
}
