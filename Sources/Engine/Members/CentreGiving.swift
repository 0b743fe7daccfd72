import Storage

/// Points that members give away: to another member, or to a cause.
///
/// Invariants: nothing is told about who is a member but by giving, which costs points; each form's key stands for one
/// command of its member for all time; who only looks gives nothing.
package enum CentreGiving {
    package struct Gift: Sendable, Equatable {
        package var currency: String
        package var amount: Int64
        /// The form's own.
        package var key: String

        package init(currency: String, amount: Int64, key: String) {
            self.currency = currency
            self.amount = amount
            self.key = key
        }
    }

    /// Gives points to whoever has the member number, phone or address. Throws: `CentreError`, `PointsError`,
    /// `StorageError`.
    package static func transfer(
        _ gift: Gift, to recipient: String, _ session: CentreSession, _ platform: Platform
    ) async throws {
        try session.requireWriting()
        let (effects, now) = (platform.effects, platform.effects.now())
        let key = try CentreKeys.natural(gift.key, session)
        // By itself, so that it counts whatever comes of it.
        let found = try await platform.store.write { connection -> Int64? in
            try CentreSettings.required(connection).require(.transfer)
            try CentreThrottle.take(.write, session.profileID, at: now, connection)
            return try find(recipient, session, at: now, connection)
        }
        guard let found else { throw CentreError.noRecipient }
        guard found != session.account.id else { throw PointsError.transferToSelf }
        try await platform.store.write { connection in
            let command = PointsCommand.transfer(
                from: session.account.id, to: found, currency: gift.currency, gift.amount, key: key, note: [:])
            let answer = try Points.perform(command, effects: effects, connection)
            guard !answer.isRepeat else { return }
            try AuditLog.append(
                actor: session.actor, action: "centre.transfer", subject: "member:\(session.account.id)",
                detail: "\(gift.amount) \(gift.currency)", connection, at: now)
        }
    }

    /// Gives points to a cause of the settings, by its place among them. Throws: `CentreError`, `PointsError`,
    /// `StorageError`.
    package static func donate(
        _ gift: Gift, to cause: Int, _ session: CentreSession, _ platform: Platform
    ) async throws {
        try session.requireWriting()
        let (effects, now) = (platform.effects, platform.effects.now())
        let key = try CentreKeys.natural(gift.key, session)
        try await platform.store.write { connection in
            let settings = try CentreSettings.required(connection)
            try settings.require(.donate)
            guard settings.causes.indices.contains(cause) else { throw CentreError.form(field: "cause") }
            try CentreThrottle.take(.write, session.profileID, at: now, connection)
            let name = settings.causes[cause].name(try Workspace.load(connection).language)
            let command = PointsCommand.donate(
                account: session.account.id, currency: gift.currency, gift.amount, key: key, note: ["cause": name])
            let answer = try Points.perform(command, effects: effects, connection)
            guard !answer.isRepeat else { return }
            try AuditLog.append(
                actor: session.actor, action: "centre.donate", subject: "member:\(session.account.id)",
                detail: "\(gift.amount) \(gift.currency)", connection, at: now)
        }
    }

    /// What a transfer of so much costs on top.
    package static func fee(of amount: Int64, _ currency: PointsCurrency) -> Int64 {
        guard (1...PointsLimits.amountMax).contains(amount) else { return 0 }
        return currency.transfer?.fee(of: amount) ?? 0
    }

    /// A mistyped member number is no look-up: its last digit tells.
    static func find(
        _ text: String, _ session: CentreSession, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> Int64? {
        let typed = Whitespace.trim(text)
        guard (1...CentreLimits.recipientBytes).contains(typed.utf8.count) else {
            throw CentreError.form(field: "recipient")
        }
        let country = try Workspace.load(connection).defaultCountry
        let account: MemberAccount?
        if PointsAccounts.isNumber(typed) {
            try CentreThrottle.take(.find, session.profileID, at: now, connection)
            account = try PointsAccounts.numbered(typed, connection)
        } else if let address = EmailAddress.normalise(typed) {
            try CentreThrottle.take(.find, session.profileID, at: now, connection)
            account = try holder(IdentityKind.email, address, connection)
        } else if let phone = PhoneNumber.normalise(typed, defaultCountry: country) {
            try CentreThrottle.take(.find, session.profileID, at: now, connection)
            account = try holder(IdentityKind.phone, phone, connection)
        } else {
            throw CentreError.form(field: "recipient")
        }
        guard let account, account.closedAt == nil, account.profileID != 0 else { return nil }
        return account.id
    }

    private static func holder(
        _ kind: String, _ value: String, _ connection: any SQLConnection
    ) throws -> MemberAccount? {
        let row = try connection.first(
            "SELECT profile_id FROM identities WHERE kind = \(kind) AND value = \(value)")
        return try row.flatMap { try CentreSessions.member($0.int(0), connection) }
    }
}

/// Keys of forms: what is sent twice counts once.
enum CentreKeys {
    /// A member's own, so that nobody else's form can stand for it. Throws: `CentreError.form`.
    static func natural(_ key: String, _ session: CentreSession) throws -> String {
        let isPlain = key.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0) }
        guard CentreLimits.keyBytes.contains(key.utf8.count), isPlain else { throw CentreError.form(field: "key") }
        return "centre:\(session.account.id):\(key)"
    }
}
