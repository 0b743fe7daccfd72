import Storage

/// One grant of one benefit to one member.
package struct BenefitGrant: Sendable, Equatable {
    package var id: Int64
    package var member: Int64
    package var tier: String
    package var benefit: String
    package var kind: Benefit.Kind
    package var occasion: String
    package var coupon: String?
    /// nil: as often as one likes.
    package var uses: Int64?
    package var used: Int64
    package var grantedAt: Timestamp
    /// nil: until the tier is lost.
    package var endsAt: Timestamp?

    static let columns =
        "id, member_id, tier, benefit, kind, occasion, coupon, uses, used, granted_ms, ends_ms"

    init(_ row: SQLRow) throws {
        id = try row.int(0)
        member = try row.int(1)
        tier = try row.text(2)
        benefit = try row.text(3)
        kind = Benefit.Kind(rawValue: try row.text(4)) ?? .gift
        occasion = try row.text(5)
        coupon = try row.textOrNil(6)
        uses = try row.intOrNil(7)
        used = try row.int(8)
        grantedAt = Timestamp(milliseconds: try row.int(9))
        endsAt = try row.intOrNil(10).map(Timestamp.init(milliseconds:))
    }

    package func isOpen(at now: Timestamp) -> Bool {
        (endsAt.map { $0 > now } ?? true) && (uses.map { used < $0 } ?? true)
    }
}
