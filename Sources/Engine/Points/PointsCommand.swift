/// Something asked of the ledger, by a till, a person or a rule. Each has a natural key: the same command with the same
/// key is answered as the first time, another one with it is refused, for all time.
package enum PointsCommand: Sendable, Equatable {
    case award(account: Int64, currency: String, PointsAward)
    /// Balances from another system.
    case open(account: Int64, currency: String, PointsAward)
    case redeem(account: Int64, currency: String, Int64, key: String, note: [String: String])
    case donate(account: Int64, currency: String, Int64, key: String, note: [String: String])
    case reserve(account: Int64, currency: String, Int64, until: Timestamp, key: String, note: [String: String])
    case capture(hold: String, Int64?, keepsRest: Bool, key: String, note: [String: String])
    case letGo(hold: String, key: String)
    case reverse(award: String, Int64, key: String, note: [String: String])
    case giveBack(redemption: String, Int64?, key: String, note: [String: String])
    case transfer(from: Int64, to: Int64, currency: String, Int64, key: String, note: [String: String])
    case adjust(account: Int64, currency: String, Int64, key: String, note: [String: String])
    case extend(account: Int64, currency: String, lots: [Int64], to: Timestamp, key: String, note: [String: String])
    case reinstate(
        account: Int64, currency: String, lot: Int64, Int64?, until: Timestamp, key: String, note: [String: String])
    /// A member puts points into their pool, or spends of it.
    case contribute(member: Int64, pool: Int64, currency: String, Int64, key: String, note: [String: String])
    case spendPool(pool: Int64, member: Int64, currency: String, Int64, key: String, note: [String: String])

    /// The caller's key.
    package var key: String {
        switch self {
        case .award(_, _, let award), .open(_, _, let award): return award.key
        case .redeem(_, _, _, let key, _), .donate(_, _, _, let key, _), .reserve(_, _, _, _, let key, _),
            .capture(_, _, _, let key, _), .letGo(_, let key), .reverse(_, _, let key, _),
            .giveBack(_, _, let key, _), .transfer(_, _, _, _, let key, _), .adjust(_, _, _, let key, _),
            .extend(_, _, _, _, let key, _), .reinstate(_, _, _, _, _, let key, _),
            .contribute(_, _, _, _, let key, _), .spendPool(_, _, _, _, let key, _):
            return key
        }
    }

    /// The accounts that it names; nil where they are found by what it names.
    var accounts: [Int64]? {
        switch self {
        case .award(let account, _, _), .open(let account, _, _), .redeem(let account, _, _, _, _),
            .donate(let account, _, _, _, _), .reserve(let account, _, _, _, _, _),
            .adjust(let account, _, _, _, _), .extend(let account, _, _, _, _, _),
            .reinstate(let account, _, _, _, _, _, _):
            return [account]
        case .transfer(let from, let to, _, _, _, _), .contribute(let from, let to, _, _, _, _),
            .spendPool(let from, let to, _, _, _, _):
            return [from, to]
        case .capture, .letGo, .reverse, .giveBack: return nil
        }
    }

    package var note: [String: String] {
        switch self {
        case .award(_, _, let award), .open(_, _, let award): return award.note
        case .redeem(_, _, _, _, let note), .donate(_, _, _, _, let note), .reserve(_, _, _, _, _, let note),
            .capture(_, _, _, _, let note), .reverse(_, _, _, let note), .giveBack(_, _, _, let note),
            .transfer(_, _, _, _, _, let note), .adjust(_, _, _, _, let note), .extend(_, _, _, _, _, let note),
            .reinstate(_, _, _, _, _, _, let note), .contribute(_, _, _, _, _, let note),
            .spendPool(_, _, _, _, _, let note):
            return note
        case .letGo: return [:]
        }
    }

    private var kind: PointsTransaction.Kind {
        switch self {
        case .award: return .award
        case .open: return .open
        case .redeem: return .redeem
        case .donate: return .donate
        case .reserve: return .reserve
        case .capture: return .capture
        case .letGo: return .letGo
        case .reverse: return .reverse
        case .giveBack: return .giveBack
        case .transfer: return .transferOut
        case .adjust: return .adjust
        case .extend: return .extend
        case .reinstate: return .reinstate
        case .contribute: return .poolGive
        case .spendPool: return .redeem
        }
    }

    /// The key of the transaction that it writes.
    var transactionKey: String {
        if case .transfer = self { return "transfer:\(key)" }
        return "\(kind.rawValue):\(key)"
    }

    /// Of what it writes besides, in the statement of the other account.
    var companionKey: String? {
        switch self {
        case .transfer: return "transfer_in:\(key)"
        case .contribute: return "pool_take:\(key)"
        case .spendPool: return "pool_spend:\(key)"
        case .giveBack: return "pool_unspend:\(key)"
        default: return nil
        }
    }

    /// SHA-256 over all that was asked.
    var fingerprint: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.usualBytes)
        bytes.append(UInt8(ascii: "["))
        JSONText.append(transactionKey, to: &bytes)
        bytes.append(UInt8(ascii: ","))
        JSONValue.object(note.mapValues { .string($0) }).write(to: &bytes)
        for value in asked {
            bytes.append(UInt8(ascii: ","))
            value.write(to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
        return Digest.sha256(bytes)
    }

    private static let usualBytes = 256

    private var asked: [JSONValue] {
        switch self {
        case .award(let account, let currency, let award), .open(let account, let currency, let award):
            return [
                .integer(account), .string(currency), .integer(award.amount),
                JSONValue(award.availableAt?.milliseconds),
                .string(award.waitsFor), JSONValue(award.expiresAt?.milliseconds), .string(award.source),
            ] + (award.earnedAt.map { [JSONValue.integer($0.milliseconds)] } ?? [])
        case .redeem(let account, let currency, let amount, _, _), .donate(let account, let currency, let amount, _, _),
            .adjust(let account, let currency, let amount, _, _):
            return [.integer(account), .string(currency), .integer(amount)]
        case .reserve(let account, let currency, let amount, let until, _, _):
            return [.integer(account), .string(currency), .integer(amount), .integer(until.milliseconds)]
        case .capture(let hold, let amount, let keepsRest, _, _):
            return [.string(hold), JSONValue(amount), .bool(keepsRest)]
        case .letGo(let hold, _): return [.string(hold)]
        case .reverse(let award, let amount, _, _): return [.string(award), .integer(amount)]
        case .giveBack(let redemption, let amount, _, _): return [.string(redemption), JSONValue(amount)]
        case .transfer(let from, let to, let currency, let amount, _, _),
            .contribute(let from, let to, let currency, let amount, _, _):
            return [.integer(from), .integer(to), .string(currency), .integer(amount)]
        case .spendPool(let pool, let member, let currency, let amount, _, _):
            return [.string("pool"), .integer(pool), .integer(member), .string(currency), .integer(amount)]
        case .extend(let account, let currency, let lots, let moment, _, _):
            let numbers = JSONValue.array(lots.map { .integer($0) })
            return [.integer(account), .string(currency), numbers, .integer(moment.milliseconds)]
        case .reinstate(let account, let currency, let lot, let amount, let until, _, _):
            return [
                .integer(account), .string(currency), .integer(lot), JSONValue(amount), .integer(until.milliseconds),
            ]
        }
    }

    /// Throws: `PointsError.key`, `.note`.
    func check() throws {
        guard (1...PointsLimits.keyBytes).contains(key.utf8.count), !key.hasPrefix(EarningRecord.keyPrefix) else {
            throw PointsError.key(key)
        }
        guard note.count <= PointsLimits.noteFields else { throw PointsError.note(field: "note") }
        for (name, text) in note where name.utf8.count > 60 || text.utf8.count > PointsLimits.noteBytes {
            throw PointsError.note(field: name)
        }
    }
}

extension PointsCommand {
    /// Whether members have earned more by it, which may lift their tier.
    var earns: Bool {
        switch self {
        case .award, .open: return true
        default: return false
        }
    }
}
