extension TierLadder {
    /// Throws: `TierError.invalidLadder` naming the first field that cannot be used.
    package func validate() throws {
        func refuse(_ field: String, _ reason: String) -> TierError { .invalidLadder(field: field, reason: reason) }
        guard (2...TierLimits.tiers).contains(tiers.count) else {
            throw refuse("tiers", "must be 2 to \(TierLimits.tiers), the lowest first")
        }
        guard Set(tiers.map(\.code)).count == tiers.count else { throw refuse("tiers", "need different codes") }
        guard tiers[0].admission == .rule, tiers[0].rule == nil, tiers[0].keep == nil else {
            throw refuse("tiers.0", "is everybody's: it has no rule and needs no invitation")
        }
        if let flaw = period.flaw { throw refuse("period", flaw) }
        guard noticeDays.count <= TierLimits.notices, noticeDays == Set(noticeDays).sorted(by: >),
            noticeDays.allSatisfy({ (1...TierLimits.daysMax).contains($0) })
        else { throw refuse("notice_days", "must be up to \(TierLimits.notices) different days, most first") }
        guard (0...TierLimits.daysMax).contains(graceDays) else {
            throw refuse("grace_days", "must be 0 to \(TierLimits.daysMax)")
        }
        for (number, tier) in tiers.enumerated() { try validate(tier, "tiers.\(number)", isBase: number == 0) }
        if let quota { try validate(quota) }
        let benefits = tiers.flatMap(\.benefits)
        guard
            benefits.count
                == Set(
                    zip(tiers, tiers.map(\.benefits)).flatMap { tier, own in
                        own.map { "\(tier.code) \($0.code)" }
                    }
                ).count
        else { throw refuse("tiers", "a benefit's code is there once in a tier") }
    }

    private func validate(_ tier: Tier, _ path: String, isBase: Bool) throws {
        func refuse(_ field: String, _ reason: String) -> TierError {
            .invalidLadder(field: "\(path).\(field)", reason: reason)
        }
        guard Tier.isCode(tier.code) else {
            throw refuse("code", "must be 1 to 32 of a–z, 0–9 and _, a letter first")
        }
        guard Self.areNames(tier.names) else {
            throw refuse("names", "must be en and zh-Hans, each 1 to 40 characters")
        }
        let needsRule = !isBase && tier.admission == .rule && quota == nil
        guard needsRule == (tier.rule != nil) else {
            throw refuse(
                "rule",
                needsRule ? "is missing: say what has to be reached" : "cannot be here: nobody would be asked it")
        }
        guard tier.keep == nil || tier.rule != nil else { throw refuse("keep", "needs a rule beside it") }
        if let flaw = tier.rule?.flaw { throw refuse("rule.\(flaw.field)", flaw.reason) }
        if let flaw = tier.keep?.flaw { throw refuse("keep.\(flaw.field)", flaw.reason) }
        guard tier.benefits.count <= TierLimits.benefits else {
            throw refuse("benefits", "must be at most \(TierLimits.benefits)")
        }
        for (number, benefit) in tier.benefits.enumerated() {
            if let flaw = benefit.flaw { throw refuse("benefits.\(number).\(flaw.field)", flaw.reason) }
        }
    }

    private func validate(_ quota: TierQuota) throws {
        func refuse(_ field: String, _ reason: String) -> TierError { .invalidLadder(field: field, reason: reason) }
        guard quota.shares.count == earnable.count, quota.shares.allSatisfy({ (1...TierLimits.shareMax).contains($0) })
        else {
            throw refuse(
                "quota.shares", "must be one whole number above 0 for each tier without invitation, the top first")
        }
        guard (0...100).contains(quota.bandPercent) else { throw refuse("quota.band_percent", "must be 0 to 100") }
        if let reason = quota.by.flaw(isRanking: true) { throw refuse("quota.by", reason) }
        guard graceDays == 0, noticeDays.isEmpty else {
            throw refuse("quota", "a ranking has neither notices nor grace: the band is what softens it")
        }
        guard period.kind == .calendar else {
            throw refuse("quota", "a ranking compares everybody over the same calendar period")
        }
    }

    static func areNames(_ names: [String: String]) -> Bool {
        names.allSatisfy { Workspace.languages.contains($0.key) && (1...40).contains($0.value.count) }
    }
}
