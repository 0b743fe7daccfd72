import Engine
import Foundation

/// What `perennial import` prints.
enum ImportReport {
    static func describe(_ plan: ImportPlan) {
        let notation =
            plan.isJSONLines
            ? "JSON Lines"
            : "CSV with \(name(ofDelimiter: plan.delimiter))\(plan.hasHeader ? " and a header" : ", no header")"
        let compression = plan.isCompressed ? ", gzip" : ""
        print("File       \(notation), \(plan.encoding.rawValue)\(compression), \(plan.fileBytes) bytes")
        let format = plan.dateFormat?.rawValue ?? "unclear"
        print("Reading    dates \(format) in \(plan.timeZone), decimal \(plan.decimalMark.rawValue), \(plan.currency)")
        print("Mapping    \(plan.mapping.text)")
        let used = Set(plan.mapping.entries.map { $0.column.lowercased() })
        let unused = plan.columns.map(\.name).filter { !used.contains($0.lowercased()) }
        if !unused.isEmpty { print("Left out   \(unused.joined(separator: ", "))") }
        for problem in plan.problems { print("Problem    \(problem.message)") }
        for event in plan.preview.prefix(5) { print(preview(event)) }
        if plan.sampledRefusals > 0 {
            print("Refused    \(plan.sampledRefusals) of the first \(plan.sampledRows) rows, such as")
            for refusal in plan.refusals.prefix(5) { print("           \(sentence(refusal))") }
        }
    }

    private static func preview(_ event: ImportPlan.PreviewEvent) -> String {
        let who = event.identities.map { "\($0.kind) \($0.value)" }.joined(separator: ", ")
        let content = [event.traits, event.properties].filter { $0 != "{}" }.joined(separator: " ")
        return "Row        \(event.event) · \(who) · \(event.time.iso8601) · \(content)"
    }

    private static func sentence(_ refusal: RowRefusal) -> String {
        let place = refusal.column.isEmpty ? "line \(refusal.line)" : "line \(refusal.line), \(refusal.column)"
        return "\(place): \(refusal.explanation)"
    }

    /// `412,000 rows · 83,120 rows/s · 3 refused · 00:12 left`
    static func line(_ progress: ImportProgress) -> String {
        var parts = [
            "\(grouped(progress.rows)) rows", "\(grouped(Int64(progress.rowsPerSecond))) rows/s",
            "\(grouped(progress.refused)) refused",
        ]
        if progress.fraction < 1, let seconds = progress.secondsLeft { parts.append("\(clock(seconds)) left") }
        return parts.joined(separator: " · ")
    }

    static func conclude(_ progress: ImportProgress, errorsPath: String) {
        print("\(grouped(progress.rows)) rows read, \(grouped(progress.events)) events taken in.")
        if progress.refused > 0 {
            print("\(grouped(progress.refused)) rows were refused; why stands in \(errorsPath)")
        }
    }

    static func grouped(_ number: Int64) -> String {
        var digits = String(number.magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        groups.insert(digits, at: 0)
        return (number < 0 ? "-" : "") + groups.joined(separator: ",")
    }

    static func clock(_ seconds: Double) -> String {
        let whole = Int(min(seconds, 359_999).rounded())
        let hours = whole >= 3600 ? "\(whole / 3600):" : ""
        return hours + two(whole / 60 % 60) + ":" + two(whole % 60)
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static func name(ofDelimiter delimiter: String) -> String {
        switch delimiter {
        case ",": "commas"
        case ";": "semicolons"
        case "\t": "tabs"
        case "|": "bars"
        default: "“\(delimiter)”"
        }
    }
}
