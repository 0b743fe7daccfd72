/// Where an address is used, as a file of the operator's says; any part may be missing.
package struct Region: Sendable, Equatable {
    package var country: String
    /// Province, state.
    package var region: String
    package var city: String

    package init(country: String = "", region: String = "", city: String = "") {
        self.country = country
        self.region = region
        self.city = city
    }

    package var isEmpty: Bool { country.isEmpty && region.isEmpty && city.isEmpty }

    /// As an event's context tells it: `{"country": …, "region": …, "city": …}`.
    package var json: JSONValue {
        let parts = [("country", country), ("region", region), ("city", city)].filter { !$0.1.isEmpty }
        return .object(Dictionary(parts.map { ($0.0, .string($0.1)) }) { first, _ in first })
    }
}

/// What can be wrong with a file of regions.
package enum RegionFileError: Error, Sendable, Equatable, CustomStringConvertible {
    case unreadable(path: String)
    case unknownFormat(path: String)
    case damaged(String)

    package var description: String {
        switch self {
        case .unreadable(let path): "“\(path)” cannot be read."
        case .unknownFormat(let path): "“\(path)” is neither a MaxMind DB file (.mmdb) nor an ip2region file (.xdb)."
        case .damaged(let what): "The file is damaged: \(what)."
        }
    }
}
