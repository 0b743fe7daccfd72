import Testing

@testable import Engine

/// Statements are chained over these bytes and verified outside: none of them may ever change.
@Suite("Texts of points transactions")
struct PointsTransactionTextTests {
    @Test("an award is written and hashed as it always was")
    func golden() throws {
        let at = Timestamp(milliseconds: 1_790_000_000_000)
        var award = PointsTransaction(
            account: 7, sequence: 1, kind: .award, key: "award:o1", at: at, currency: "points",
            entries: [PointsEntry(.issued, -100, lot: 1), PointsEntry(.available, 100, lot: 1)])
        award.lots = [
            PointsLot(
                number: 1, currency: "points", key: "o1", amount: 100, earnedAt: at, isPending: false,
                availableAt: nil, waitsFor: "", expiresAt: at.adding(days: 365), remaining: 100, held: 0, reversed: 0,
                expired: 0, source: "rule")
        ]
        award.note = ["order": "订单 \"17\""]
        (award.after.available, award.after.earned) = (100, 100)
        let sealed = award.sealed(after: PointsTransaction.firstHash)
        let expected = [
            #"{"account":"7","after":{"available":100,"earned":100,"held":0,"owed":0,"pending":0},"#,
            #""at":1790000000000,"currency":"points","#,
            #""entries":[{"amount":-100,"ledger":"issued","lot":1},{"amount":100,"ledger":"available","lot":1}],"#,
            #""key":"award:o1","kind":"award","lots":[{"amount":100,"currency":"points","#,
            #""earned_at":1790000000000,"expires_at":1821536000000,"key":"o1","lot":1,"pending":false,"#,
            #""remaining":100,"source":"rule"}],"note":{"order":"订单 \"17\""},"sequence":1}"#,
        ]
        #expect(sealed.text == expected.joined())
        #expect(sealed.hash == "c5cb6421abc924c72616fea60e9a1c7bf9cd1a74e1e4080e4059683e3e0be653")
        #expect(try PointsTransaction(parsing: sealed.text, hash: "") == award)
    }

    @Test("a command is hashed over the text that it always was")
    func fingerprints() {
        let asked: [(PointsCommand, String)] = [
            (
                .award(
                    account: 7, currency: "points",
                    PointsAward(key: "o\"1", amount: 100, source: "rule", note: ["b": "c", "a": "订单"])),
                #"["award:o\"1",{"a":"订单","b":"c"},7,"points",100,null,"",null,"rule"]"#
            ),
            (
                .redeem(account: 7, currency: "points", 10, key: "r", note: [:]), #"["redeem:r",{},7,"points",10]"#
            ),
            (
                .capture(hold: "h", nil, keepsRest: true, key: "c", note: [:]), #"["capture:c",{},"h",null,true]"#
            ),
            (
                .extend(
                    account: 7, currency: "points", lots: [1, 2], to: Timestamp(milliseconds: 9), key: "e", note: [:]),
                #"["extend:e",{},7,"points",[1,2],9]"#
            ),
        ]
        for (command, text) in asked { #expect(command.fingerprint == Digest.sha256(Array(text.utf8))) }
    }

    @Test("random transactions are written byte for byte as their trees are", arguments: 0..<20)
    func texts(seed: Int) {
        var dice = Dice(seed: seed)
        for _ in 0..<100 {
            let transaction = dice.transaction()
            let previous = Digest.sha256(Array(dice.text().utf8))
            let text = transaction.tree.text()
            let sealed = transaction.sealed(after: previous)
            #expect(Array(sealed.text.utf8) == Array(text.utf8))
            #expect(sealed.hash == Digest.sha256(Array("\(previous)\n\(text)".utf8)))
        }
    }

    @Test("events tell random transactions byte for byte as trees do, whatever notes are called", arguments: 0..<20)
    func events(seed: Int) {
        var dice = Dice(seed: seed)
        for _ in 0..<100 {
            let transaction = dice.transaction()
            let properties = PointsEvents.properties(transaction)
            #expect(Array(properties.utf8) == Array(transaction.said.text().utf8))
        }
    }

    @Test("shares are stored byte for byte as their trees are", arguments: 0..<20)
    func shares(seed: Int) throws {
        var dice = Dice(seed: seed)
        for _ in 0..<20 {
            let shares = dice.shares()
            #expect(PointsShare.text(shares) == JSONValue.array(shares.map(\.tree)).text())
            #expect(try PointsShare.list(parsing: PointsShare.text(shares)) == shares)
        }
    }
}

/// Anything that the ledger's types can hold, likely or not.
private struct Dice {
    private var generator: SeededGenerator

    /// Also names of properties, so that notes come before, between, behind and instead of what the ledger says.
    private static let names = [
        "", "account", "amount", "at", "available", "available_at", "balance", "change", "channel", "currency",
        "expires_at", "key", "note", "order", "pending", "pool", "sequence", "source", "subject", "till", "z", "Z",
        "_", "e\u{301}", "\u{E9}", "会员", "a\"b", "a\\b", "a\nb", "account ", "accounts", "😀",
    ]
    private static let letters: [Character] = [
        "a", "Z", "0", "\"", "\\", "/", "\n", "\r", "\t", "\u{0}", "\u{1}", "\u{1F}", "é", "会", "😀", " ", "\u{7F}",
    ]

    init(seed: Int) {
        generator = SeededGenerator(seed: UInt64(seed))
    }

    private mutating func below(_ end: Int) -> Int { Int.random(in: 0..<end, using: &generator) }

    private mutating func flip() -> Bool { below(2) == 0 }

    private mutating func one<Item>(of items: [Item]) -> Item { items[below(items.count)] }

    mutating func text() -> String {
        var text = ""
        for _ in 0..<below(20) { text.append(one(of: Self.letters)) }
        return text
    }

    /// Of any size, zero often.
    private mutating func number() -> Int64 {
        let shift = below(65)
        return shift == 64 ? 0 : Int64(truncatingIfNeeded: generator.next()) >> Int64(shift)
    }

    private mutating func moment() -> Timestamp {
        Timestamp(milliseconds: Int64.random(in: -1_000_000_000_000...4_000_000_000_000, using: &generator))
    }

    private mutating func perhapsMoment() -> Timestamp? { flip() ? moment() : nil }

    private mutating func several<Item>(_ make: (inout Dice) -> Item) -> [Item] {
        var items: [Item] = []
        for _ in 0..<below(4) { items.append(make(&self)) }
        return items
    }

    mutating func shares() -> [PointsShare] {
        several { PointsShare(lot: $0.number(), amount: $0.number(), returned: $0.number()) }
    }

    private mutating func entry() -> PointsEntry {
        // Sums of them have to fit.
        let amount = Int64.random(in: -1_000_000_000_000...1_000_000_000_000, using: &generator)
        return PointsEntry(one(of: Ledger.allCases), amount, lot: number())
    }

    private mutating func lot() -> PointsLot {
        PointsLot(
            number: number(), currency: text(), key: text(), amount: number(), earnedAt: moment(), isPending: flip(),
            availableAt: perhapsMoment(), waitsFor: text(), expiresAt: perhapsMoment(), remaining: number(),
            held: number(), reversed: number(), expired: number(), source: text())
    }

    private mutating func hold() -> PointsHold {
        PointsHold(
            key: text(), currency: text(), amount: number(), captured: number(), shares: shares(), until: moment(),
            state: one(of: PointsHold.State.allCases))
    }

    private mutating func redemption() -> PointsRedemption {
        PointsRedemption(key: text(), currency: text(), amount: number(), at: moment(), shares: shares())
    }

    mutating func transaction() -> PointsTransaction {
        var transaction = PointsTransaction(
            account: number(), sequence: number(), kind: one(of: PointsTransaction.Kind.allCases),
            key: flip() ? text() : nil, at: moment(), currency: text(), entries: several { $0.entry() })
        transaction.lots = several { $0.lot() }
        transaction.holds = several { $0.hold() }
        transaction.redemptions = several { $0.redemption() }
        transaction.subject = text()
        transaction.counterpart = flip() ? number() : nil
        transaction.waived = number()
        for _ in 0..<below(8) { transaction.note[one(of: Self.names)] = text() }
        transaction.after.pending = number()
        transaction.after.available = number()
        transaction.after.held = number()
        transaction.after.owed = number()
        transaction.after.earned = number()
        transaction.after.inactiveAt = perhapsMoment()
        return transaction
    }
}
