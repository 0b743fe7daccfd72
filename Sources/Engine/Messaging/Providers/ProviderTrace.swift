import Storage

/// What is told of a message whose name at the provider we were never told: to whom it went, what it was made of, and when
/// that was said. By this it is found where the provider gives its own name for the first time with the receipt.
package struct ProviderTrace: Codable, Sendable, Equatable {
    /// Who has the address; 0: it is yet to be looked up.
    package var profileID: Int64
    /// The start of a hash of the address: receipts are kept in the log, which has no place for addresses.
    package var addressKey: String
    /// The provider's template.
    package var template: String
    package var atMS: Int64

    package init(profileID: Int64 = 0, address: String, template: String, at: Timestamp) {
        self.profileID = profileID
        addressKey = Self.key(of: address)
        self.template = template
        atMS = at.milliseconds
    }

    private enum CodingKeys: String, CodingKey {
        case template
        case profileID = "profile_id"
        case addressKey = "address_key"
        case atMS = "at_ms"
    }

    private static func key(of address: String) -> String {
        String(Digest.sha256(Array(address.utf8)).prefix(24))
    }

    /// So long before the receipt a message may have left; and after it, by clocks that differ. A message that is sent
    /// again leaves later than that (`MessageLimits.backoffMilliseconds`), so that a receipt of its first attempt that is
    /// told twice is not taken for one of its second.
    private static let backMilliseconds: Int64 = 10 * 60_000
    private static let aheadMilliseconds: Int64 = 20_000
    private static let candidatesMax = 50

    /// The message: of those to the person, made of the template, that left about then and have no name yet, the first.
    /// From then on it has the name, unless it is still being handed over. Throws: `StorageError`, `DecodingError`.
    func message(
        named name: String, _ provider: any MessageProvider, _ connection: any SQLConnection
    ) throws -> SentMessage? {
        let living: Int64
        do { living = try ProfileDetail.resolve(profileID, connection) } catch ProfileError.notFound { return nil }
        let ids = try [living] + ProfileDetail.mergedIDs(into: living, connection)
        let found = try connection.query(
            """
            SELECT \(raw: SentMessage.columns) FROM messages WHERE profile_id IN (\(list: ids))
                AND eligible_ms >= \(atMS - Self.backMilliseconds) AND eligible_ms <= \(atMS + Self.aheadMilliseconds)
                AND channel = \(provider.channel) AND provider_id = ''
                AND state IN ('sending', 'unknown', 'sent', 'delivered', 'opened', 'clicked')
            ORDER BY eligible_ms, id LIMIT \(Self.candidatesMax)\(raw: connection.dialect.forUpdate)
            """
        ).map(SentMessage.init(row:))
        for var message in found where Self.key(of: message.address) == addressKey {
            guard try isMade(message, provider, connection) else { continue }
            guard message.state != .sending else { return message }
            try connection.execute("UPDATE messages SET provider_id = \(name) WHERE id = \(message.id)")
            message.providerID = name
            return message
        }
        return nil
    }

    /// Whether the message is made of the template, in any of its variants.
    private func isMade(
        _ message: SentMessage, _ provider: any MessageProvider, _ connection: any SQLConnection
    ) throws -> Bool {
        let content: TemplateContent
        do {
            content =
                message.origin == "test"
                ? try MessageTemplates.get(message.templateID, connection).draft
                : try MessageTemplates.content(message.templateID, version: message.version, connection)
        } catch is TemplateError {
            return false
        }
        return content.variants.contains { variant in
            variant.provider.map { $0.provider == provider.name && $0.code == template } ?? false
        }
    }
}
