import Storage

/// A customer was added to an employee, or is one no more.
struct WeComChange: Sendable, Equatable {
    enum Kind: String, Sendable {
        case added = "add_external_contact"
        /// Added by the employee; the customer has yet to agree.
        case half = "add_half_external_contact"
        case edited = "edit_external_contact"
        case deletedByEmployee = "del_external_contact"
        case deletedByCustomer = "del_follow_user"
    }

    var kind: Kind
    var external: String
    var employee: String
    var state: String
    var welcomeCode: String
    var at: Timestamp

    static let added = "WeCom Contact Added"
    static let edited = "WeCom Contact Edited"
    static let deleted = "WeCom Contact Deleted"
    /// A welcome can be sent once, within so long after the customer was added.
    static let welcomeMilliseconds: Int64 = 20_000
    private static let seconds: ClosedRange<Int64> = 0...4_000_000_000

    /// Nil for what is none of these changes. Throws: `ProviderError.unreadable`.
    init?(_ xml: WeChatXML, at now: Timestamp) throws {
        guard xml["Event"] == "change_external_contact",
            let kind = xml["ChangeType"].flatMap(Kind.init(rawValue:))
        else { return nil }
        guard let external = xml["ExternalUserID"], !external.isEmpty, let employee = xml["UserID"],
            let seconds = xml["CreateTime"].flatMap({ Int64($0) }), Self.seconds.contains(seconds)
        else { throw ProviderError.unreadable }
        self.kind = kind
        self.external = external
        self.employee = employee
        state = xml["State"] ?? ""
        welcomeCode = xml["WelcomeCode"] ?? ""
        at = min(Timestamp(seconds: seconds), now)
    }

    /// Writes down who is whose customer, and a welcome that waits. Told again it changes nothing. Throws: `StorageError`.
    func keep(welcomes: Bool, _ connection: any SQLConnection) throws {
        switch kind {
        case .added, .half:
            try connection.execute(
                """
                INSERT INTO wecom_contacts (external_id, employee, state, added_ms)
                VALUES (\(external), \(employee), \(state), \(at.milliseconds))
                ON CONFLICT (external_id, employee) DO UPDATE SET state = excluded.state,
                    added_ms = excluded.added_ms, deleted_ms = NULL
                    WHERE wecom_contacts.added_ms <= excluded.added_ms
                """)
            _ = try Suppressions.lift(WeCom.channelName, external, connection)
            guard welcomes, !welcomeCode.isEmpty else { return }
            try connection.execute(
                """
                INSERT INTO wecom_welcomes (code, external_id, employee, state, detail, expires_ms)
                VALUES (\(welcomeCode), \(external), \(employee), 'waiting', '',
                    \(at.milliseconds + Self.welcomeMilliseconds)) ON CONFLICT DO NOTHING
                """)
        case .edited: return
        case .deletedByEmployee, .deletedByCustomer:
            try connection.execute(
                """
                INSERT INTO wecom_contacts (external_id, employee, state, added_ms, deleted_ms)
                VALUES (\(external), \(employee), '', 0, \(at.milliseconds))
                ON CONFLICT (external_id, employee) DO UPDATE SET deleted_ms = excluded.deleted_ms
                    WHERE wecom_contacts.added_ms <= excluded.deleted_ms
                """)
        }
    }

    /// Whether a customer can be written to; one of whom nothing was ever told may be.
    static func isContact(_ external: String, _ connection: any SQLConnection) throws -> Bool {
        let row = try connection.first(
            "SELECT count(*), count(deleted_ms) FROM wecom_contacts WHERE external_id = \(external)")
        guard let row else { return true }
        let (known, gone) = (try row.int(0), try row.int(1))
        return known == 0 || gone < known
    }

    /// Into the log, under the customer.
    func event(corpID: String, at now: Timestamp) -> IncomingEvent {
        let name: String
        var properties: [String: JSONValue] = ["corp_id": .string(corpID), "employee": .string(employee)]
        switch kind {
        case .added, .half:
            name = Self.added
            properties["is_half"] = .bool(kind == .half)
            if !state.isEmpty { properties["state"] = .string(state) }
        case .edited: name = Self.edited
        case .deletedByEmployee, .deletedByCustomer:
            name = Self.deleted
            properties["by"] = kind == .deletedByCustomer ? "customer" : "employee"
        }
        let id = "\(corpID) \(kind.rawValue) \(external) \(employee) \(at.milliseconds)"
        return IncomingEvent(
            kind: .track, name: name, messageID: "wecom:" + Digest.sha256(Array(id.utf8)).prefix(40),
            identities: [IdentityClaim(kind: WeCom.identity, value: external)], time: at, receivedAt: now,
            properties: JSONValue.object(properties).text())
    }
}
