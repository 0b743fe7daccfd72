import Engine
import Foundation
import Hummingbird

/// Reads the parameters that a route declares.
enum APIParameters {
    /// Throws: `Problem` naming every parameter that is missing or of another shape.
    static func checked(
        _ declared: [APIParameter], path: Parameters, request: Request
    ) throws -> [String: JSONValue] {
        let query = declared.contains { $0.place == .query } ? request.uri.queryParameters : nil
        var values: [String: JSONValue] = [:]
        var flaws: [Problem.Flaw] = []
        for parameter in declared {
            let place = "\(parameter.place.rawValue).\(parameter.name)"
            let text =
                parameter.place == .path
                ? path.get(parameter.name).map { $0.removingPercentEncoding ?? $0 }
                : query?[Substring(parameter.name)].map(String.init)
            guard let text else {
                if parameter.isRequired { flaws.append(Problem.Flaw(place, "is missing")) }
                continue
            }
            guard let value = parameter.schema.value(ofParameter: text) else {
                flaws.append(Problem.Flaw(place, "must be \(word(parameter.schema))"))
                continue
            }
            flaws += parameter.schema.flaws(of: value, at: place)
            values[parameter.name] = value
        }
        guard flaws.isEmpty else {
            throw Problem(.badRequest, "invalid_parameter", "A parameter cannot be used.", flaws: flaws)
        }
        return values
    }

    private static func word(_ schema: APISchema) -> String {
        switch schema {
        case .integer: return "an integer"
        case .number: return "a number"
        case .boolean: return "true or false"
        default: return "text"
        }
    }
}
