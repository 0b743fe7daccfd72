import Storage

/// A member's account, or a pool's: who, its number, and what there is.
package struct MemberAccount: Sendable, Equatable {
    package var id: Int64
    /// 0 once the person was erased, and of a pool.
    package var profileID: Int64
    package var number: String
    package var openedAt: Timestamp
    package var closedAt: Timestamp?
    package var sequence: Int64
    package var hash: String
    package var balances: [String: PointsBalance]
}

/// Opening and finding accounts of members.
package enum PointsAccounts {
    private static let numberTries = 20

    /// Makes a person a member; who is one already stays as is. Throws: `ProfileError`, `StorageError`.
    package static func open(
        profile: Int64, effects: Effects, _ connection: any SQLConnection
    ) throws -> (account: MemberAccount, isNew: Bool) {
        let id = try ProfileDetail.resolve(profile, connection)
        // Erasing and merging lock the row too.
        _ = try connection.query("SELECT id FROM profiles WHERE id = \(id)\(raw: connection.dialect.forUpdate)")
        if let account = try ofProfile(id, connection) { return (account, false) }
        let now = effects.now()
        for _ in 0..<numberTries {
            let opened = try connection.execute(
                """
                INSERT INTO points_accounts (id, profile_id, number, opened_ms, sequence, hash, last_ms, lots_opened)
                VALUES (\(effects.newID()), \(id), \(number(effects)), \(now.milliseconds), 0,
                    \(PointsTransaction.firstHash), 0, 0) ON CONFLICT DO NOTHING
                """)
            guard opened == 1, let account = try ofProfile(id, connection) else { continue }
            let event = SystemEvent(
                name: "Member Enrolled", profileID: id, time: now,
                properties: JSONValue.object([
                    "account": JSONValue(id: account.id), "number": .string(account.number),
                ]).text())
            let placed = try TierReview.review(members: [account.id], at: now, connection)
            try SystemEventLog.append([event] + placed, now: now, effects: effects, to: connection)
            return (account, true)
        }
        throw StorageError.unexpectedValue(column: 0, expected: "a free member number", found: "none")
    }

    /// Makes people members at the moments told, whose rows are locked. Returns the numbers of the new ones; who is a
    /// member already is left out. Throws: `StorageError`.
    static func open(
        _ moments: [Int64: Timestamp], effects: Effects, _ connection: any SQLConnection
    ) throws -> [Int64: String] {
        var left = moments.keys.sorted()
        var numbers: [Int64: String] = [:]
        for _ in 0..<numberTries where !left.isEmpty {
            let tried = left.map { (id: $0, number: number(effects)) }
            let opened = try connection.executeMany(
                """
                INSERT INTO points_accounts (id, profile_id, number, opened_ms, sequence, hash, last_ms, lots_opened)
                VALUES (?, ?, ?, ?, 0, ?, 0, 0) ON CONFLICT DO NOTHING
                """,
                tried.map { id, number in
                    [
                        .integer(effects.newID()), .integer(id), .text(number),
                        .integer((moments[id] ?? effects.now()).milliseconds), .text(PointsTransaction.firstHash),
                    ]
                })
            for (one, count) in zip(tried, opened) where count == 1 { numbers[one.id] = one.number }
            let refused = zip(tried, opened).filter { $0.1 == 0 }.map(\.0.id)
            let known = try connection.queryMany(
                "SELECT 1 FROM points_accounts WHERE profile_id = ?", refused.map { [.integer($0)] })
            left = zip(refused, known).filter { $0.1.isEmpty }.map(\.0)
        }
        return numbers
    }

    /// Throws: `PointsError.accountNotFound`, `StorageError`.
    package static func get(_ id: Int64, _ connection: any SQLConnection) throws -> MemberAccount {
        guard let account = try load("id = \(id) AND is_pool = 0", connection) else {
            throw PointsError.accountNotFound(id)
        }
        return account
    }

    /// A pool's. Throws: `PoolError.notFound`, `StorageError`.
    package static func pool(_ id: Int64, _ connection: any SQLConnection) throws -> MemberAccount {
        guard let account = try load("id = \(id) AND is_pool = 1", connection) else { throw PoolError.notFound(id) }
        return account
    }

    static func isPool(_ id: Int64, _ connection: any SQLConnection) throws -> Bool {
        try connection.first("SELECT 1 FROM points_accounts WHERE id = \(id) AND is_pool = 1") != nil
    }

    /// Of a living person; nil for who is no member. Throws: `StorageError`.
    package static func ofProfile(_ id: Int64, _ connection: any SQLConnection) throws -> MemberAccount? {
        guard id != 0 else { return nil }
        return try load("profile_id = \(id)", connection)
    }

    /// By what is printed on the card, blanks aside. Throws: `StorageError`.
    package static func numbered(_ number: String, _ connection: any SQLConnection) throws -> MemberAccount? {
        let digits = number.filter { !$0.isWhitespace }
        return try load("number = \(digits) AND is_pool = 0", connection)
    }

    /// Lots, the newest first. Throws: `StorageError`.
    package static func lots(
        of account: Int64, currency: String?, onlyOpen: Bool, limit: Int, _ connection: any SQLConnection
    ) throws -> [PointsLot] {
        try PointsAccountRows.lots(of: account, currency: currency, onlyOpen: onlyOpen, limit: limit, connection)
    }

    private static func load(_ condition: SQL, _ connection: any SQLConnection) throws -> MemberAccount? {
        let row = try connection.first(
            """
            SELECT id, profile_id, number, opened_ms, closed_ms, sequence, hash FROM points_accounts WHERE
            """ + " " + condition)
        guard let row else { return nil }
        let id = try row.int(0)
        let loaded = try PointsAccountRows.load([id], .balances, locking: false, connection)[id]
        return MemberAccount(
            id: id, profileID: try row.int(1), number: try row.text(2),
            openedAt: Timestamp(milliseconds: try row.int(3)),
            closedAt: try row.intOrNil(4).map { Timestamp(milliseconds: $0) }, sequence: try row.int(5),
            hash: try row.text(6), balances: loaded?.account.balances ?? [:])
    }

    /// Fifteen random digits, the first not zero, and the check digit of ISO/IEC 7812-1 (Luhn).
    static func number(_ effects: Effects) -> String {
        let bits = effects.randomBytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let digits = String(100_000_000_000_000 + bits % 900_000_000_000_000)
        return digits + String(checkDigit(digits))
    }

    /// Whether a number's last digit follows from the others.
    package static func isNumber(_ text: String) -> Bool {
        let digits = text.filter { !$0.isWhitespace }
        guard digits.count == 16, digits.utf8.allSatisfy({ (48...57).contains($0) }) else { return false }
        return digits.last.flatMap { $0.wholeNumberValue } == checkDigit(String(digits.dropLast()))
    }

    private static func checkDigit(_ digits: String) -> Int {
        let sum = digits.reversed().compactMap(\.wholeNumberValue).enumerated().reduce(0) { sum, place in
            let doubled = place.element * (place.offset.isMultiple(of: 2) ? 2 : 1)
            return sum + (doubled > 9 ? doubled - 9 : doubled)
        }
        return (10 - sum % 10) % 10
    }
}
