import Foundation
import Storage

/// Everything that every store holds about one person, as one JSON document (`perennial.person/1`, docs/privacy.md).
///
/// Complete or not at all: without the analytics store it is refused. Written piece by piece, so that a long history
/// needs no memory.
package struct PersonExport: Sendable {
    let platform: Platform
    let profileID: Int64

    package static let format = "perennial.person/1"

    package init(of profileID: Int64, _ platform: Platform) {
        self.profileID = profileID
        self.platform = platform
    }

    /// Writes the document to a file that is made anew, readable by its owner only, and notes it in the audit log.
    /// Throws: `ProfileError.notFound`, `PersonExportError.analyticsUnavailable`, `StorageError`.
    package func write(to path: String, by actor: String) async throws {
        guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]) else {
            throw StorageError.cannotWrite(message: path)
        }
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        defer { file.closeFile() }
        try await write(by: actor) { try file.write(contentsOf: Data($0.utf8)) }
    }

    /// The document in memory. Throws: as `write(to:by:)`, and `PersonExportError.tooLarge` above `bytesMax`.
    package func document(bytesMax: Int, by actor: String) async throws -> JSONValue {
        var text = ""
        try await write(by: actor) { piece in
            guard text.utf8.count + piece.utf8.count <= bytesMax else { throw PersonExportError.tooLarge }
            text += piece
        }
        return try JSONValue(parsing: text)
    }

    private func write(by actor: String, _ put: (String) throws -> Void) async throws {
        let now = platform.effects.now()
        let id = profileID
        let (head, sought) = try await platform.store.read { connection -> (JSONValue, SoughtValues) in
            let detail = try ProfileDetail.load(id, connection)
            return (
                try Self.head(detail, now, connection),
                SoughtValues(keys: detail.identities.map(\.key), traits: detail.state.values)
            )
        }
        guard case .object(let members) = head else { return }
        try put("{")
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            try put("\(JSONValue.string(name).text()):\(value.text()),\n")
        }
        try await list("orders", put) { try await orders(put: $0) }
        try await list("messages", put) { try await messages(put: $0) }
        try await list("quarantine", put) { try await quarantined(sought, put: $0) }
        try await list("events", put, isLast: true) { try await events(put: $0) }
        try put("}\n")
        try await platform.store.write { connection in
            try AuditLog.append(
                actor: actor, action: "profile.export", subject: "profile:\(id)", detail: "", connection, at: now)
        }
    }

    private func list(
        _ name: String, _ put: (String) throws -> Void, isLast: Bool = false,
        _ body: ((JSONValue) throws -> Void) async throws -> Void
    ) async throws {
        try put("\(JSONValue.string(name).text()):[")
        var isFirst = true
        try await withoutActuallyEscaping(put) { put in
            try await body { value in
                try put((isFirst ? "\n" : ",\n") + value.text())
                isFirst = false
            }
        }
        try put(isLast ? "]" : "],\n")
    }
}

package enum PersonExportError: Error, Sendable, Equatable {
    /// The history could not be read, and half an answer is none.
    case analyticsUnavailable
    /// More than an answer in memory may have; the console writes it to a file.
    case tooLarge
}

// MARK: Parts

extension PersonExport {
    private static func head(
        _ detail: ProfileDetail, _ now: Timestamp, _ connection: any SQLConnection
    ) throws -> JSONValue {
        let profile = detail.profile
        return .object([
            "format": .string(format), "exported_at": .string(now.iso8601),
            "workspace": .string(try Workspace.load(connection).name),
            "currency": .string(try Workspace.load(connection).currency),
            "profile": .object([
                "id": .string(String(profile.id)), "merged_ids": .array(detail.mergedIDs.map { .string(String($0)) }),
                "name": text(profile.displayName), "created_at": time(profile.createdMS),
                "first_seen_at": time(profile.firstSeenMS), "last_seen_at": time(profile.lastSeenMS),
                "identified_at": time(profile.identifiedMS), "events": .integer(profile.eventCount),
                "orders": .integer(profile.orderCount), "net_spend": .integer(profile.netSpend),
                "stage": text(profile.stage), "stage_since": time(profile.stageSinceMS),
                "rfm_class": text(profile.rfmClass), "tier": text(profile.tier),
                "tier_since": time(profile.tierSinceMS),
                "rfm_scores": .array([.integer(profile.rfmR), .integer(profile.rfmF), .integer(profile.rfmM)]),
                "erased_at": time(profile.deletedMS),
            ]),
            "identities": .array(
                detail.identities.map { identity in
                    .object([
                        "kind": .string(identity.key.kind), "value": .string(identity.key.value),
                        "source_id": .string(String(identity.sourceID)), "since": time(identity.firstSeenMS),
                        "verified": .bool(identity.isVerified),
                    ])
                }),
            "traits": .object(detail.state.values), "trait_history": try JSONValue(parsing: detail.state.text()),
            "consent": .object(
                detail.state.consent.mapValues { consent in
                    .object([
                        "granted": .bool(consent.isGranted), "at": time(consent.ms), "source": .string(consent.source),
                    ])
                }),
            "conflicts": .array(
                detail.conflicts.map { conflict in
                    .object([
                        "kind": .string(conflict.key.kind), "value": .string(conflict.key.value),
                        "reason": .string(conflict.reason.rawValue), "at": time(conflict.atMS),
                    ])
                }),
            "merges": try merges(of: [profile.id] + detail.mergedIDs, connection),
            "stages": try stages(of: profile.id, connection),
            "tags": try tags(of: profile.id, connection),
            "tiers": try TierHistory.export(of: profile.id, connection),
            "loyalty": try loyalty(of: profile.id, connection),
            "reach": try reach(of: [profile.id] + detail.mergedIDs, connection),
            "unlinks": try unlinks(of: [profile.id] + detail.mergedIDs, connection),
        ])
    }

    private static func merges(of ids: [Int64], _ connection: any SQLConnection) throws -> JSONValue {
        let rows = try connection.query(
            """
            SELECT winner_id, loser_id, at_ms, rule, undone_ms, detail FROM profile_merges
            WHERE winner_id IN (\(list: ids)) OR loser_id IN (\(list: ids)) ORDER BY at_ms, id
            """)
        return .array(
            try rows.map { row in
                .object([
                    "winner": .string(String(try row.int(0))), "loser": .string(String(try row.int(1))),
                    "at": time(try row.int(2)), "rule": .string(try row.text(3)),
                    "undone_at": time(try row.intOrNil(4)),
                    "detail": try JSONValue(parsing: try row.text(5)),
                ])
            })
    }

    private static func tags(of id: Int64, _ connection: any SQLConnection) throws -> JSONValue {
        .array(
            try Tags.changes(of: id, limit: Int(Int32.max), connection).reversed().map { change in
                .object([
                    "tag": .string(change.name), "given": .bool(change.isGiven), "at": time(change.atMS),
                    "cause": .string(change.cause.kind.rawValue),
                ])
            })
    }

    private static func unlinks(of ids: [Int64], _ connection: any SQLConnection) throws -> JSONValue {
        let rows = try connection.query(
            """
            SELECT kind, value, at_ms, undone_ms FROM identity_unlinks WHERE profile_id IN (\(list: ids)) ORDER BY at_ms
            """)
        return .array(
            try rows.map { row in
                .object([
                    "kind": .string(try row.text(0)), "value": .string(try row.text(1)), "at": time(try row.int(2)),
                    "undone_at": time(try row.intOrNil(3)),
                ])
            })
    }

    private static func stages(of id: Int64, _ connection: any SQLConnection) throws -> JSONValue {
        let rows = try connection.query(
            """
            SELECT at_ms, from_stage, to_stage, cause, evidence FROM stage_history WHERE profile_id = \(id)
            ORDER BY at_ms
            """)
        return .array(
            try rows.map { row in
                .object([
                    "at": time(try row.int(0)), "from": text(try row.textOrNil(1)), "to": .string(try row.text(2)),
                    "cause": .string(try row.text(3)), "evidence": try JSONValue(parsing: try row.text(4)),
                ])
            })
    }

    private func orders(put: (JSONValue) throws -> Void) async throws {
        var cursor: String?
        repeat {
            let (id, place) = (profileID, cursor)
            let (orders, next) = try await platform.store.read { connection -> ([JSONValue], String?) in
                let page = try OrderList.load(profileID: id, cursor: place, limit: OrderList.pageLimit, connection)
                return (
                    try page.orders.map { order in
                        let state = try OrderDetail.load(order.orderID, connection).state
                        return .object([
                            "order_id": .string(order.orderID), "status": .string(order.status.rawValue),
                            "ordered_at": Self.time(order.orderedMS), "currency": .string(order.currency),
                            "gross": .integer(order.gross), "refunded": .integer(order.refunded),
                            "net": .integer(order.net), "store": Self.text(order.store),
                            "channel": Self.text(order.channel), "source_id": .string(String(order.sourceID)),
                            "detail": try JSONValue(parsing: state.text()),
                        ])
                    }, page.nextCursor
                )
            }
            try orders.forEach(put)
            cursor = next
        } while cursor != nil
    }

    private func events(put: (JSONValue) throws -> Void) async throws {
        var cursor: String?
        repeat {
            let page = try await Timeline.load(
                of: profileID, cursor: cursor, limit: Timeline.pageLimit, platform: platform)
            guard !page.isPartial else { throw PersonExportError.analyticsUnavailable }
            for entry in page.entries {
                try put(
                    .object([
                        "position": .string(String(entry.position)), "kind": .string(entry.kind),
                        "name": .string(entry.name), "time": Self.time(entry.timeMS),
                        "received_at": Self.time(entry.receivedMS), "source_id": .string(String(entry.sourceID)),
                        "message_id": .string(entry.messageID),
                        "properties": try JSONValue(parsing: entry.properties),
                        "context": try JSONValue(parsing: entry.context),
                    ]))
            }
            cursor = page.nextCursor
        } while cursor != nil
    }

    /// Items that were set aside and hold a value that is the person's alone.
    private func quarantined(_ sought: SoughtValues, put: (JSONValue) throws -> Void) async throws {
        var before: Int64?
        while true {
            let place = before
            let (found, last) = try await platform.store.read { connection -> ([JSONValue], Int64?) in
                let page = try QuarantineList.page(
                    status: nil, before: place, limit: QuarantineList.pageMax, connection)
                let items = try page.map { try QuarantineList.get(id: $0.id, connection) }
                return (
                    items.filter { sought.isOwn(in: $0.raw) }.map { item in
                        .object([
                            "received_at": .string(item.receivedAt.iso8601), "reason": .string(item.reason.rawValue),
                            "status": .string(item.status.rawValue),
                            "raw": .string(String(decoding: item.raw, as: UTF8.self)),
                        ])
                    }, page.last?.id
                )
            }
            try found.forEach(put)
            guard let last else { return }
            before = last
        }
    }

    static func time(_ milliseconds: Int64?) -> JSONValue {
        milliseconds.map { .string(Timestamp(milliseconds: $0).iso8601) } ?? .null
    }

    static func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
}
