extension CouponRule {
    /// Throws: `CouponError.invalid` naming the first field that cannot be used, and why. What contradicts itself or can
    /// never match is refused too.
    package func validate() throws {
        try validateBenefit()
        let isCode = currency.utf8.count == 3 && currency.utf8.allSatisfy { (65...90).contains($0) }
        guard isCode else { throw flaw(.currency, "must be a code of ISO 4217 like CNY") }
        guard (0...CouponLimits.amountMax).contains(minimum) else {
            throw flaw(.minimum, "must be 0 to \(CouponLimits.amountMax)")
        }
        for (field, scope) in [
            (Field.products, products), (.categories, categories), (.brands, brands), (.stores, stores),
            (.channels, channels),
        ] { try validate(scope, field) }
        guard weekdays.allSatisfy({ (1...7).contains($0) }), Set(weekdays).count == weekdays.count else {
            throw flaw(.weekdays, "must be different days, 1 Monday to 7 Sunday")
        }
        try validateTimes()
        guard tiers.count <= CouponLimits.tiers,
            tiers.allSatisfy({ (1...CouponLimits.codeBytes).contains($0.utf8.count) })
        else { throw flaw(.tiers, "must be up to \(CouponLimits.tiers) codes") }
        try validateLimits()
        guard stacking.group.utf8.count <= CouponLimits.codeBytes else {
            throw flaw(.stacking, "the group's name is too long")
        }
    }

    private func flaw(_ field: Field, _ reason: String) -> CouponError {
        .invalid(field: field.rawValue, reason: reason)
    }

    private func validateBenefit() throws {
        let amounts = 1...CouponLimits.amountMax
        switch benefit {
        case .amount(let amount, _):
            guard amounts.contains(amount) else { throw flaw(.benefit, "an amount is 1 to \(amounts.upperBound)") }
        case .percent(let share, let most):
            guard (1...10_000).contains(share) else {
                throw flaw(.benefit, "a percentage is 1 to 10000 hundredths of a percent")
            }
            guard most.map(amounts.contains) ?? true else { throw flaw(.benefit, "the maximum must be above 0") }
        case .freeItem(let skus, let quantity):
            guard (1...CouponLimits.codesPerScope).contains(skus.count),
                skus.allSatisfy({ (1...CouponLimits.codeBytes).contains($0.utf8.count) })
            else { throw flaw(.benefit, "a free item needs 1 to \(CouponLimits.codesPerScope) SKUs") }
            guard (1...1_000).contains(quantity) else { throw flaw(.benefit, "a free item is 1 to 1000 pieces") }
        case .shipping(let most):
            guard most.map(amounts.contains) ?? true else { throw flaw(.benefit, "the maximum must be above 0") }
        }
    }

    private func validate(_ scope: CouponScope, _ field: Field) throws {
        for codes in [scope.only, scope.except] {
            guard codes.count <= CouponLimits.codesPerScope,
                codes.allSatisfy({ (1...CouponLimits.codeBytes).contains($0.utf8.count) })
            else { throw flaw(field, "must be up to \(CouponLimits.codesPerScope) codes of 1 to 100 bytes") }
        }
        if !scope.only.isEmpty, scope.only.allSatisfy(scope.except.contains) {
            throw flaw(field, "everything that is named is excepted again: it can never be used")
        }
    }

    private func validateTimes() throws {
        guard hours.count <= CouponLimits.hours, hours.allSatisfy({ $0.from != $0.until && $0.from < 1440 }) else {
            throw flaw(.hours, "must be up to \(CouponLimits.hours) spans that begin and end at different times")
        }
        guard blackouts.count <= CouponLimits.blackouts, blackouts.allSatisfy({ $0.from <= $0.through }) else {
            throw flaw(.blackouts, "must be up to \(CouponLimits.blackouts) spans, the first day first")
        }
        if let from = validity.from, let until = validity.until, from >= until {
            throw flaw(.validity, "must end after it begins")
        }
        guard validity.days.map({ (0...CouponLimits.daysMax).contains($0) }) ?? true else {
            throw flaw(.validity, "days must be 0 to \(CouponLimits.daysMax)")
        }
    }

    private func validateLimits() throws {
        let all = [limits.issued, limits.issuedPerPerson, limits.used, limits.usedPerPerson]
        guard all.allSatisfy({ $0.map { (1...CouponLimits.countMax).contains($0) } ?? true }) else {
            throw flaw(.limits, "must be 1 to \(CouponLimits.countMax)")
        }
    }
}
