import Storage

/// Accounts that one transaction of the store works on: locked and loaded together, changed in memory, written once.
struct PointsBatch {
    let program: PointsProgram
    let now: Timestamp
    private var loaded: [Int64: PointsAccountRows.Loaded]
    private(set) var accounts: [Int64: PointsAccount]
    private var postponed: [Int64: Timestamp] = [:]
    /// Another user approved what is done by hand.
    private let isApproved: Bool
    /// Accounts that are a pool's: few, and mostly none.
    private let pools: Set<Int64>

    init(
        _ loaded: [Int64: PointsAccountRows.Loaded], _ program: PointsProgram, isApproved: Bool = false,
        at now: Timestamp
    ) {
        self.isApproved = isApproved
        self.program = program
        self.now = now
        self.loaded = loaded
        accounts = loaded.mapValues(\.account)
        pools = Set(loaded.lazy.filter { $0.value.isPool }.map(\.key))
    }

    /// What was written so far, by account.
    var transactions: [PointsTransaction] {
        accounts.keys.sorted().flatMap { accounts[$0]?.written ?? [] }
    }

    /// Brings every account to now.
    mutating func advance() throws {
        for id in accounts.keys.sorted() { try accounts[id]?.advance(to: now, program) }
    }

    /// Does it on a copy, so that what is refused changes nothing. Throws: `PointsError.accountNotFound` and the
    /// command's.
    mutating func change(_ id: Int64, _ body: (inout PointsAccount) throws -> Void) throws {
        guard var account = accounts[id] else { throw PointsError.accountNotFound(id) }
        try body(&account)
        accounts[id] = account
    }

    /// Time leaves the account alone until then.
    mutating func postpone(_ id: Int64, to moment: Timestamp) {
        postponed[id] = moment
    }

    /// Whether an account is a pool's.
    func isPool(_ id: Int64) -> Bool { pools.contains(id) }

    /// Throws: `PoolError.poolAccount` where a pool would be treated as a member.
    private func requireMembers(_ command: PointsCommand) throws {
        guard !pools.isEmpty else { return }
        let members: [Int64]
        switch command {
        case .award(let id, _, _), .open(let id, _, _), .redeem(let id, _, _, _, _), .donate(let id, _, _, _, _),
            .adjust(let id, _, _, _, _), .reserve(let id, _, _, _, _, _), .contribute(let id, _, _, _, _, _),
            .spendPool(_, let id, _, _, _, _):
            members = [id]
        case .transfer(let from, let to, _, _, _, _): members = [from, to]
        case .capture, .letGo, .reverse, .giveBack, .extend, .reinstate: return
        }
        if members.contains(where: isPool) { throw PoolError.poolAccount }
    }

    mutating func perform(_ command: PointsCommand, _ connection: any SQLConnection) throws {
        try requireMembers(command)
        let (now, calendar) = (now, program.calendar)
        switch command {
        case .award(let id, let code, let award):
            let currency = try program.currency(code)
            try change(id) { try $0.award(award, currency, calendar, at: now) }
        case .open(let id, let code, let award):
            let currency = try program.currency(code)
            try change(id) { try $0.open(award, currency, calendar, at: now) }
        case .redeem(let id, let code, let amount, let key, let note):
            let currency = try program.currency(code)
            try change(id) { try $0.redeem(amount, key: key, note: note, currency, calendar, at: now) }
        case .donate(let id, let code, let amount, let key, let note):
            let currency = try program.currency(code)
            try change(id) { try $0.donate(amount, key: key, note: note, currency, calendar, at: now) }
        case .adjust(let id, let code, let amount, let key, let note):
            let currency = try program.currency(code)
            let isApproved = isApproved
            try change(id) {
                try $0.adjust(amount, key: key, note: note, isApproved: isApproved, currency, calendar, at: now)
            }
        case .reserve, .capture, .letGo: try performHold(command)
        case .reverse, .giveBack: try performReturn(command, connection)
        case .transfer(let from, let to, let code, let amount, let key, let note):
            try transfer(amount, code, from: from, to: to, key: key, note: note, connection)
        case .extend, .reinstate: try performExpiry(command, connection)
        case .contribute, .spendPool: try performPool(command, connection)
        }
    }

    private mutating func performHold(_ command: PointsCommand) throws {
        let (now, calendar) = (now, program.calendar)
        switch command {
        case .reserve(let id, let code, let amount, let until, let key, let note):
            let currency = try program.currency(code)
            try change(id) { try $0.reserve(amount, key: key, until: until, note: note, currency, at: now) }
        case .capture(let hold, let amount, let keepsRest, let key, let note):
            let (id, code) = try holder(of: hold)
            let currency = try program.currency(code)
            try change(id) {
                try $0.capture(
                    hold: hold, amount, keepsRest: keepsRest, as: key, note: note, currency, calendar, at: now)
            }
        case .letGo(let hold, let key):
            try change(try holder(of: hold).account) { try $0.letGo(hold: hold, command: key, at: now) }
        default: break
        }
    }

    /// Of an open hold; one that has ended is not loaded.
    private func holder(of hold: String) throws -> (account: Int64, currency: String) {
        for (id, account) in accounts {
            if let found = account.holds[hold] { return (id, found.currency) }
        }
        throw PointsError.holdEnded(hold)
    }

    private mutating func performReturn(_ command: PointsCommand, _ connection: any SQLConnection) throws {
        let now = now
        switch command {
        case .reverse(let award, let amount, let key, let note):
            guard let found = try PointsAccountRows.lot(award: award, connection),
                let lot = try require(lot: found.lot, of: found.account, connection)
            else { throw PointsError.awardNotFound(award) }
            let currency = try program.currency(lot.currency)
            try change(found.account) { try $0.reverse(award: award, amount, as: key, note: note, currency, at: now) }
        case .giveBack(let redemption, let amount, let key, let note):
            guard let found = try PointsAccountRows.redemptions("redemption_key = \(redemption)", connection).first
            else { throw PointsError.redemptionNotFound(redemption) }
            remember(found.redemption, of: found.account)
            for share in found.redemption.shares {
                _ = try require(lot: share.lot, of: found.account, connection)
            }
            let currency = try program.currency(found.redemption.currency)
            let isPool = isPool(found.account)
            let spender = isPool ? try PoolReturn.spender(of: redemption, in: found.account, connection) : nil
            var returned: Int64 = 0
            try change(found.account) {
                returned = try $0.giveBack(
                    redemption: redemption, amount, by: spender, as: key, note: note, currency, at: now)
            }
            guard isPool else { return }
            try settlePool(
                found.account, found.redemption, spender: spender, returned, as: key, note: note, connection)
        default: break
        }
    }

    private mutating func performExpiry(_ command: PointsCommand, _ connection: any SQLConnection) throws {
        let now = now
        switch command {
        case .extend(let id, let code, let lots, let moment, let key, let note):
            let currency = try program.currency(code)
            for lot in lots { _ = try require(lot: lot, of: id, connection) }
            try change(id) { try $0.extend(lots: lots, to: moment, as: key, note: note, currency, at: now) }
        case .reinstate(let id, let code, let lot, let amount, let until, let key, let note):
            let currency = try program.currency(code)
            _ = try require(lot: lot, of: id, connection)
            try change(id) {
                try $0.reinstate(lot: lot, amount, until: until, as: key, note: note, currency, at: now)
            }
        default: break
        }
    }

    private mutating func transfer(
        _ amount: Int64, _ code: String, from: Int64, to: Int64, key: String, note: [String: String],
        _ connection: any SQLConnection
    ) throws {
        let (now, calendar) = (now, program.calendar)
        let currency = try program.currency(code)
        guard accounts[to] != nil else { throw PointsError.accountNotFound(to) }
        let midnight = calendar.start(ofDay: calendar.day(of: now)).milliseconds
        let given = try connection.first(
            """
            SELECT coalesce(sum(e.amount), 0) FROM points_entries e
            JOIN points_transactions t ON t.account_id = e.account_id AND t.sequence = e.sequence
            WHERE e.account_id = \(from) AND e.currency = \(code) AND e.ledger = 'transferred'
            AND t.kind = 'transfer_out' AND t.at_ms >= \(midnight)
            """)
        let today = try given?.int(0) ?? 0
        var parcels: [PointsParcel] = []
        try change(from) {
            parcels = try $0.give(amount, to: to, key: key, givenToday: today, note: note, currency, calendar, at: now)
        }
        try change(to) {
            try $0.receive(parcels, from: from, key: key, note: note, currency, calendar, at: now)
        }
    }

    /// A lot that may be spent, loaded if it was not.
    private mutating func require(
        lot number: Int64, of id: Int64, _ connection: any SQLConnection
    ) throws -> PointsLot? {
        if let lot = accounts[id]?.lots[number] { return lot }
        guard let lot = try PointsAccountRows.lot(number, of: id, connection) else { return nil }
        accounts[id]?.lots[number] = lot
        loaded[id]?.account.lots[number] = lot
        return lot
    }

    private mutating func remember(_ redemption: PointsRedemption, of id: Int64) {
        accounts[id]?.redemptions[redemption.key] = redemption
        loaded[id]?.account.redemptions[redemption.key] = redemption
    }

    /// Writes everything and returns what it says happened. `request`: hash of the command that asked for it; of many
    /// commands `requests`, by the keys of their transactions.
    mutating func save(
        request: String?, requests: [String: String] = [:], _ connection: any SQLConnection
    ) throws -> [SystemEvent] {
        var changes: [PointsAccountRows.Change] = []
        var events: [SystemEvent] = []
        for id in accounts.keys.sorted() {
            guard let after = accounts[id], let before = loaded[id] else { continue }
            // Without its lots, an account knows only what the lots of now add to the time it had.
            var due = after.isClosed ? nil : after.due(program)
            if let later = postponed[id] { due = later }
            if before.depth == .balances, let known = before.dueMS {
                due = min(due ?? Timestamp(milliseconds: known), Timestamp(milliseconds: known))
            }
            if after != before.account || due?.milliseconds != before.dueMS {
                changes.append((before.account, after, before.dueMS, due))
            }
            events += PointsEvents.said(by: after, profile: before.profileID, at: now)
            if before.isPool { events += try PoolNotices.said(by: after, at: now, connection) }
        }
        try PointsAccountRows.save(changes, request: request, requests: requests, at: now, connection)
        return events
    }
}
