/// What can be wrong with a question to a report; each says what would be right.
package enum ReportError: Error, Sendable, Equatable, CustomStringConvertible {
    case unknownReport(String)
    case badParameter(String, given: String, expected: String)
    case unknownSegment(String)
    case periodTooLong(days: Int, limit: Int)
    case badEvents(String, CriteriaError)
    case unknownPlace(String)
    case unknownPanel(String)

    package var description: String {
        switch self {
        case .unknownReport(let name): "There is no report “\(name)”."
        case .badParameter(let name, let given, let expected):
            "“\(name)” must be \(expected)\(given.isEmpty ? "" : ", not “\(given)”")."
        case .unknownSegment(let id): "There is no segment “\(id)”."
        case .periodTooLong(let days, let limit): "\(days) days are too many here; at most \(limit)."
        case .badEvents(let name, let error):
            "“\(name)” cannot be used: " + error.issues.map(\.description).joined(separator: "; ")
        case .unknownPlace(let place): "No figure of this report is called “\(place)”."
        case .unknownPanel(let name): "This report has no panel “\(name)”."
        }
    }
}
