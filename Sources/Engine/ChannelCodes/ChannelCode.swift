import Storage

/// A link with a name of its own, on a poster, a till, a staff card: who comes by it is known to have come by it.
///
/// Invariants of this room: a code belongs to one link for ever, archived or not, because posters outlive campaigns; a
/// link leads only to a host that somebody allowed, asked again at every visit.
package struct ChannelCode: Sendable, Equatable {
    package var id: Int64
    package var code: String
    package var name: String
    package var kind: ChannelCodeKind
    package var owner: String
    package var target: String
    package var campaign: Campaign
    package var createdAt: Timestamp
    package var archivedAt: Timestamp?

    /// What the target's address gets as `utm_…`.
    package struct Campaign: Sendable, Equatable {
        package var source: String
        package var medium: String
        package var name: String

        package init(source: String = "", medium: String = "", name: String = "") {
            self.source = source
            self.medium = medium
            self.name = name
        }
    }
}

/// Where a code stands.
package enum ChannelCodeKind: String, Sendable, Codable, CaseIterable {
    case store, staff, poster, media, other
}

/// What a person can do wrong with channel codes.
package enum ChannelCodeError: Error, Sendable, Equatable {
    /// Empty, or longer than `ChannelCodeLimits.nameCharacters`.
    case badName
    /// Not 3 to 40 letters, digits, `-` or `_`.
    case badCode
    case codeTaken(String)
    /// No https or http address.
    case badTarget
    /// The host is not on the list of allowed ones.
    case targetNotAllowed(host: String)
    case badHost
    case tooMany
    case notFound
}

/// The bounds of channel codes.
package enum ChannelCodeLimits {
    package static let nameCharacters = 80
    package static let codeCharacters = 3...40
    package static let targetCharacters = 1_000
    package static let codes = 100_000
    package static let hosts = 200
    package static let pageRows: Int64 = 500
}

extension ChannelCode {
    static let columns = """
        id, code, name, kind, owner, target, campaign_source, campaign_medium, campaign_name, created_ms, archived_ms
        """

    init(row: SQLRow) throws {
        self.init(
            id: try row.int(0), code: try row.text(1), name: try row.text(2),
            kind: ChannelCodeKind(rawValue: try row.text(3)) ?? .other, owner: try row.text(4), target: try row.text(5),
            campaign: Campaign(source: try row.text(6), medium: try row.text(7), name: try row.text(8)),
            createdAt: Timestamp(milliseconds: try row.int(9)),
            archivedAt: try row.intOrNil(10).map(Timestamp.init(milliseconds:)))
    }

    /// The target with the code and the campaign in its query; what is there already is not overwritten.
    package var destination: String {
        let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        var address = String(parts[0])
        for (name, value) in [
            ("pn_code", code), ("utm_source", campaign.source), ("utm_medium", campaign.medium),
            ("utm_campaign", campaign.name),
        ] where !value.isEmpty && !address.contains("?\(name)=") && !address.contains("&\(name)=") {
            address += (address.contains("?") ? "&" : "?") + name + "=" + Self.escaped(value)
        }
        return parts.count > 1 ? address + "#" + parts[1] : address
    }

    private static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        for byte in text.utf8 {
            let isPlain = byte >= 48 && byte <= 57 || byte >= 65 && byte <= 90 || byte >= 97 && byte <= 122
            if isPlain || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") {
                out.append(byte)
            } else {
                out += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
