/// Turns rows of members of another program into `Member Imported`, which the processor makes members of.
///
/// A row is known by its key, else by who it names and which lots and coupon: currency, days and source, not the amount;
/// definition and code, not the last day; so what is imported again adds nothing, and neither does a later file in which
/// balances have moved on.
struct ImportedMembers: RowInterpreter {
    private let fields: RowFields
    private let importedAt: Timestamp
    private let loyalty: ImportLoyalty?
    private var hash = ContentHash()
    private var writer = JSONObjectWriter()
    private var seen = Occurrences()

    private struct Row {
        var claims: [IdentityClaim]
        var enrolled: Int64?
        var properties: [String: JSONValue]
        var lots: [JSONValue]
        var coupon: [String: JSONValue]?
        var traits: String
        var key: String
    }

    /// Balances in columns of their own: `balance:growth`.
    private static let balance = "balance:"

    /// Throws: `ImportError` when no column tells who the member is.
    init(_ plan: ResolvedImport, importedAt: Timestamp) throws(ImportError) {
        fields = try RowFields(plan, importedAt: importedAt)
        guard fields.hasIdentity else {
            throw .missingFields(["member_id (or phone, user_id, …)"], kind: .members, available: plan.columns)
        }
        self.importedAt = importedAt
        loyalty = plan.loyalty
    }

    var isWaiting: Bool { false }

    mutating func read(
        _ rows: any RowReader, into events: inout [IncomingEvent]
    ) throws(ImportError) -> [RowRefusal] {
        let row: Row
        do throws(FieldFault) {
            row = try self.row(rows)
        } catch {
            return [fields.refusal(error, rows)]
        }
        events.append(event(row, id: try identity(of: row)))
        return []
    }

    mutating func finish(into events: inout [IncomingEvent]) throws(ImportError) -> [RowRefusal] { [] }

    private mutating func row(_ rows: any RowReader) throws(FieldFault) -> Row {
        let claims = try fields.claims(rows)
        var properties: [String: JSONValue] = [:]
        let enrolled = try fields.moment(.enrolledAt, rows)
        if let enrolled { properties["enrolled_at"] = .string(Timestamp(milliseconds: enrolled).iso8601) }
        try tier(rows, &properties)
        writer.begin()
        if let document = try RowDocument.object(.traits, rows, fields) { writer.members(document) }
        for claim in claims where claim.kind == "phone" || claim.kind == "email" {
            writer.string(named: claim.kind, claim.value)
        }
        fields.writeCustoms(rows, to: &writer) { $0.hasPrefix(Self.balance) }
        let traits = writer.end()
        guard traits.utf8.count <= EventLimits.eventBytes else { throw RowDocument.tooLarge(.traits) }
        return Row(
            claims: claims, enrolled: enrolled, properties: properties, lots: try lots(rows),
            coupon: try coupon(rows), traits: traits, key: fields.text(.lotKey, rows).text)
    }

    private func tier(_ rows: any RowReader, _ properties: inout [String: JSONValue]) throws(FieldFault) {
        let code = fields.text(.tier, rows).text
        guard !code.isEmpty else { return }
        if let known = loyalty?.tiers, !known.contains(code) {
            let there = known.isEmpty ? "there are none" : "there are \(known.joined(separator: ", "))"
            throw FieldFault(field: .tier, reason: .badValue, explanation: "there is no tier “\(code)”; \(there)")
        }
        properties["tier"] = .string(code)
        guard let until = try fields.deadline(.tierUntil, rows) else { return }
        guard isAhead(until) else {
            throw FieldFault(
                field: .tierUntil, reason: .dateOutOfRange, explanation: "the tier is over; leave it out")
        }
        properties["tier_until"] = .integer(until.milliseconds)
        properties["tier_until_is_day"] = .bool(until.isDay)
    }

    /// Nil where the row has none.
    private func coupon(_ rows: any RowReader) throws(FieldFault) -> [String: JSONValue]? {
        let (word, code) = (fields.text(.coupon, rows).text, fields.text(.couponCode, rows).text)
        guard !word.isEmpty || !code.isEmpty else { return nil }
        var coupon: [String: JSONValue] = [:]
        if !word.isEmpty {
            guard let definition = loyalty == nil ? Int64(word) : loyalty?.coupon(word) else {
                throw FieldFault(
                    field: .coupon, reason: .badValue,
                    explanation: "there are no coupons in force of the name or number “\(word)”")
            }
            coupon["definition"] = .string(String(definition))
        }
        if !code.isEmpty {
            do {
                coupon["code"] = .string(try CouponIssuing.checked(code: code))
            } catch {
                throw FieldFault(
                    field: .couponCode, reason: .badValue,
                    explanation: "a code has 3 to \(CouponLimits.patternCharacters) letters, digits and hyphens")
            }
        }
        guard let until = try fields.deadline(.couponUntil, rows) else { return coupon }
        guard isAhead(until) else {
            throw FieldFault(field: .couponUntil, reason: .dateOutOfRange, explanation: "the coupon has lapsed")
        }
        coupon["until"] = .integer(until.milliseconds)
        coupon["until_is_day"] = .bool(until.isDay)
        return coupon
    }

    private func isAhead(_ moment: (milliseconds: Int64, isDay: Bool)) -> Bool {
        moment.milliseconds + (moment.isDay ? Timestamp.millisecondsPerDay : 0) > importedAt.milliseconds
    }

    // MARK: Lots

    private func lots(_ rows: any RowReader) throws(FieldFault) -> [JSONValue] {
        var lots: [JSONValue] = []
        if let amount = try fields.exactAmount(.points, rows) {
            let code = fields.text(.currency, rows).text
            let currency = code.isEmpty ? "points" : code
            if let lot = try lot(amount, currency, .points, rows) { lots.append(lot) }
        }
        for (name, column) in fields.customs where name.hasPrefix(Self.balance) {
            guard let amount = try fields.exactAmount(named: name, column, rows) else { continue }
            let currency = String(name.dropFirst(Self.balance.count))
            if let lot = try lot(amount, currency, .custom(name), rows) { lots.append(lot) }
        }
        return lots
    }

    /// Nil for a balance of nothing.
    private func lot(
        _ amount: ExactAmount, _ currency: String, _ field: ImportField, _ rows: any RowReader
    ) throws(FieldFault) -> JSONValue? {
        if let known = loyalty?.scales, known[currency] == nil {
            throw FieldFault(
                field: field == .points ? .currency : field, reason: .badCurrency,
                explanation: "there is no currency “\(currency)” in the ledger")
        }
        let units = try smallest(amount, scale: loyalty?.scales[currency] ?? 0, field)
        guard units > 0 else { return nil }
        var lot: [String: JSONValue] = ["currency": .string(currency), "amount": .integer(units)]
        if let earned = try fields.moment(.earnedAt, rows) { lot["earned_at"] = .integer(earned) }
        if let end = try fields.deadline(.expiresAt, rows) {
            guard isAhead(end) else {
                throw FieldFault(field: .expiresAt, reason: .dateOutOfRange, explanation: "the points have lapsed")
            }
            lot["expires_at"] = .integer(end.milliseconds)
            lot["expires_at_is_day"] = .bool(end.isDay)
        }
        let source = fields.text(.lotSource, rows).text
        if !source.isEmpty { lot["source"] = .string(String(source.prefix(200))) }
        return .object(lot)
    }

    private func smallest(_ amount: ExactAmount, scale: Int, _ field: ImportField) throws(FieldFault) -> Int64 {
        var factor: Int64 = 1
        for _ in 0..<scale { factor *= 10 }
        guard let units = amount.times(factor).wholeNumber, (0...PointsLimits.amountMax).contains(units) else {
            throw FieldFault(
                field: field, reason: .badAmount,
                explanation: "a balance is 0 to \(PointsLimits.amountMax), with \(scale) decimals at the most")
        }
        return units
    }

    // MARK: Events

    private mutating func identity(of row: Row) throws(ImportError) -> String {
        hash.begin("member")
        if !row.key.isEmpty {
            hash.add(row.key.utf8)
            return ImportedMember.idPrefix + "key-" + ContentHash.text(hash.digest())
        }
        hash.add(row.claims)
        for lot in row.lots {
            var known = lot.objectValue ?? [:]
            known["amount"] = nil
            hash.add(JSONValue.object(known).utf8Text())
        }
        if let coupon = row.coupon {
            var known = coupon
            (known["until"], known["until_is_day"]) = (nil, nil)
            hash.add(JSONValue.object(known).utf8Text())
        }
        // Equal rows are told apart by their count.
        let number = try seen.next(hash.digest())
        hash.add(Int64(number))
        return ImportedMember.idPrefix + ContentHash.text(hash.digest())
    }

    private func event(_ row: Row, id: String) -> IncomingEvent {
        var properties = row.properties
        if !row.lots.isEmpty { properties["lots"] = .array(row.lots) }
        if let coupon = row.coupon { properties["coupon"] = .object(coupon) }
        return IncomingEvent(
            kind: .track, name: ImportedMember.eventName, messageID: id, identities: row.claims,
            time: row.enrolled.map(Timestamp.init(milliseconds:)) ?? importedAt, receivedAt: importedAt,
            properties: JSONValue.object(properties).text(), traits: row.traits)
    }
}
