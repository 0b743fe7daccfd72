import Storage

/// Where events come from: a site, an app, a till. A source is known by its write keys.
///
/// Invariants of this room: a write key belongs to one source for ever; a source may have several live keys, so that a
/// key is rotated by issuing the next one, changing the clients, and revoking the old one, without a gap.
package struct Source: Sendable, Equatable {
    package var id: Int64
    package var name: String
    package var kind: SourceKind
    package var createdAt: Timestamp
    /// Set once no more events are taken from it; its history stays.
    package var archivedAt: Timestamp?
    package var firstEventAt: Timestamp?
    package var lastEventAt: Timestamp?
}

/// What sort of touchpoint a source is.
package enum SourceKind: String, Sendable, Codable, CaseIterable {
    case web, app, server, wechat, pos, `import`, platform
}

extension Source {
    /// Of what people change: the name. Throws: `EncodingError`.
    package var revision: Revision {
        get throws { try Revision(of: [name]) }
    }

    static let columns = "id, name, kind, created_ms, archived_ms, first_event_ms, last_event_ms"

    init(row: SQLRow) throws {
        self.init(
            id: try row.int(0), name: try row.text(1), kind: SourceKind(rawValue: try row.text(2)) ?? .server,
            createdAt: Timestamp(milliseconds: try row.int(3)),
            archivedAt: try row.intOrNil(4).map(Timestamp.init(milliseconds:)),
            firstEventAt: try row.intOrNil(5).map(Timestamp.init(milliseconds:)),
            lastEventAt: try row.intOrNil(6).map(Timestamp.init(milliseconds:)))
    }
}

/// What a person can do wrong with sources and keys.
package enum SourceError: Error, Sendable, Equatable {
    /// Empty, or longer than `SourceLimits.nameCharacters`.
    case badName
    case unknownKind(String)
    case notFound(id: Int64)
    case archived(id: Int64)
    case unknownWriteKey
    /// The source has `SourceLimits.liveKeys` keys already: revoke one first.
    case tooManyKeys
}

/// The bounds of sources.
package enum SourceLimits {
    package static let nameCharacters = 80
    /// Keys of one source that are valid at the same time.
    package static let liveKeys = 10
    /// Keys of all sources together that the cache holds.
    package static let cachedKeys = 100_000
}
