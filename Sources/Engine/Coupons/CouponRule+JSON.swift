/// The rule as JSON: as the API takes and gives it, and as versions are stored.
extension CouponRule {
    package var json: JSONValue {
        [
            "benefit": benefit.json, "currency": .string(currency), "minimum": .integer(minimum),
            "products": products.json, "categories": categories.json, "brands": brands.json, "stores": stores.json,
            "channels": channels.json, "weekdays": .array(weekdays.map { .integer($0) }),
            "hours": .array(
                hours.map { ["from": .string(Self.clock($0.from)), "until": .string(Self.clock($0.until))] }),
            "blackouts": .array(
                blackouts.map {
                    [
                        "from": .string(LocalCalendar.text(ofDay: $0.from)),
                        "through": .string(LocalCalendar.text(ofDay: $0.through)),
                    ]
                }),
            "first_order_only": .bool(isFirstOrderOnly), "tiers": .array(tiers.map { .string($0) }),
            "segment": segment.map { JSONValue(id: $0) } ?? .null,
            "validity": [
                "from": JSONValue(validity.from?.iso8601), "until": JSONValue(validity.until?.iso8601),
                "days": JSONValue(validity.days.map { Int64($0) }),
            ],
            "limits": [
                "issued": JSONValue(limits.issued), "issued_per_person": JSONValue(limits.issuedPerPerson),
                "used": JSONValue(limits.used), "used_per_person": JSONValue(limits.usedPerPerson),
            ],
            "stacking": ["group": .string(stacking.group), "mode": .string(stacking.mode.rawValue)],
        ]
    }

    /// Reads a rule; what is not said is not restricted. Throws: `CouponError.invalid` for what cannot be read.
    package init(_ json: JSONValue, currency fallback: String = "") throws {
        guard let benefit = json["benefit"] else { throw CouponError.invalid(field: "benefit", reason: "is missing") }
        self.init(try CouponBenefit(benefit), currency: json["currency"]?.stringValue ?? fallback)
        minimum = json["minimum"]?.intValue ?? 0
        products = CouponScope(json["products"])
        categories = CouponScope(json["categories"])
        brands = CouponScope(json["brands"])
        stores = CouponScope(json["stores"])
        channels = CouponScope(json["channels"])
        weekdays = (json["weekdays"]?.arrayValue ?? []).compactMap(\.intValue).sorted()
        hours = try (json["hours"]?.arrayValue ?? []).enumerated().map { index, span in
            guard let from = Self.minute(span["from"]?.stringValue), let until = Self.minute(span["until"]?.stringValue)
            else { throw CouponError.invalid(field: "hours[\(index)]", reason: "must be from and until as 09:30") }
            return CouponHours(from: from, until: until)
        }
        blackouts = try (json["blackouts"]?.arrayValue ?? []).enumerated().map { index, days in
            let from = days["from"]?.stringValue.flatMap(LocalCalendar.day(fromText:))
            let through = days["through"]?.stringValue.flatMap(LocalCalendar.day(fromText:))
            guard let from, let through else {
                throw CouponError.invalid(field: "blackouts[\(index)]", reason: "must be two days as 2026-02-17")
            }
            return CouponDays(from: from, through: through)
        }
        isFirstOrderOnly = json["first_order_only"]?.boolValue ?? false
        tiers = (json["tiers"]?.arrayValue ?? []).compactMap(\.stringValue)
        segment = json["segment"]?.stringValue.flatMap { Int64($0) }
        validity = CouponValidity(
            from: json["validity"]?["from"]?.stringValue.flatMap { Timestamp(iso8601: $0) },
            until: json["validity"]?["until"]?.stringValue.flatMap { Timestamp(iso8601: $0) },
            days: json["validity"]?["days"]?.intValue.flatMap { Int(exactly: $0) })
        limits = CouponRuleLimits(
            issued: json["limits"]?["issued"]?.intValue,
            issuedPerPerson: json["limits"]?["issued_per_person"]?.intValue,
            used: json["limits"]?["used"]?.intValue, usedPerPerson: json["limits"]?["used_per_person"]?.intValue)
        stacking = CouponStacking(
            group: json["stacking"]?["group"]?.stringValue ?? "",
            mode: json["stacking"]?["mode"]?.stringValue.flatMap(CouponStacking.Mode.init) ?? .bestOf)
    }

    /// Reads a stored rule. Throws: `CouponError.invalid`, `JSONError`.
    init(stored text: String) throws {
        try self.init(try JSONValue(parsing: text))
    }

    /// `09:30`; `24:00` is the end of the day.
    package static func clock(_ minute: Int64) -> String {
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : String(number) }
        return two(minute / 60) + ":" + two(minute % 60)
    }

    package static func minute(_ text: String?) -> Int64? {
        let parts = (text ?? "").split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.count == 2 }), let hour = Int64(parts[0]),
            let minute = Int64(parts[1]), (0...24).contains(hour), (0...59).contains(minute),
            hour * 60 + minute <= 1440
        else { return nil }
        return hour * 60 + minute
    }
}

extension CouponBenefit {
    var json: JSONValue {
        switch self {
        case .amount(let amount, let keeps):
            ["kind": "amount", "amount": .integer(amount), "keeps_rest": .bool(keeps)]
        case .percent(let share, let most):
            ["kind": "percent", "percent": .integer(share), "max": JSONValue(most)]
        case .freeItem(let skus, let quantity):
            ["kind": "free_item", "skus": .array(skus.map { .string($0) }), "quantity": .integer(quantity)]
        case .shipping(let most): ["kind": "shipping", "max": JSONValue(most)]
        }
    }

    /// Throws: `CouponError.invalid`.
    init(_ json: JSONValue) throws {
        func number(_ name: String) throws -> Int64 {
            guard let number = json[name]?.intValue else {
                throw CouponError.invalid(field: "benefit.\(name)", reason: "is missing")
            }
            return number
        }
        switch json["kind"]?.stringValue.flatMap(Kind.init) {
        case .amount: self = .amount(try number("amount"), keepsRest: json["keeps_rest"]?.boolValue ?? false)
        case .percent: self = .percent(try number("percent"), max: json["max"]?.intValue)
        case .freeItem:
            self = .freeItem(
                skus: (json["skus"]?.arrayValue ?? []).compactMap(\.stringValue),
                quantity: json["quantity"]?.intValue ?? 1)
        case .shipping: self = .shipping(max: json["max"]?.intValue)
        case nil:
            let kinds = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw CouponError.invalid(field: "benefit.kind", reason: "must be one of \(kinds)")
        }
    }
}

extension CouponScope {
    var json: JSONValue {
        ["only": .array(only.map { .string($0) }), "except": .array(except.map { .string($0) })]
    }

    init(_ json: JSONValue?) {
        only = (json?["only"]?.arrayValue ?? []).compactMap(\.stringValue)
        except = (json?["except"]?.arrayValue ?? []).compactMap(\.stringValue)
    }
}
