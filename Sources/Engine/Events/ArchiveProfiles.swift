import Storage

/// The mirror of profiles in the analytics store: a full row with a higher version for every change.
enum ArchiveProfiles {
    static func block(
        _ ids: [Int64], _ calendar: LocalCalendar, _ connection: any SQLConnection
    ) throws -> AnalyticsBlock {
        let rows = try connection.queryMany(
            "SELECT \(Profile.columns) FROM profiles WHERE id = ?", ids.map { [.integer($0)] }
        ).compactMap { try $0.first.map(Profile.init) }
        let segments = try SegmentMembers.segments(of: rows.map(\.id), connection)
        let tags = try TagHolders.tags(of: rows.map(\.id), connection)
        let scores = try ScoreRows.scores(of: rows.map(\.id), connection)
        let holdings = try CriteriaHoldings.load(of: rows.map(\.id), calendar, connection)
        return try block(
            rows.map {
                try ArchivedProfile(
                    $0, ProfileState(parsing: $0.state), segments[$0.id] ?? [], tags: tags[$0.id] ?? [],
                    scores: scores[$0.id] ?? [], holdings: holdings[$0.id] ?? CriteriaHoldings())
            }, calendar)
    }

    static func block(_ profiles: [ArchivedProfile], _ calendar: LocalCalendar) -> AnalyticsBlock {
        let rows = profiles.map(\.row)
        let traits = profiles.map { FlatValues($0.state.values, calendar) }
        func time(_ milliseconds: (Profile) -> Int64?) -> AnalyticsColumn {
            .uint32(rows.map { Timestamp(milliseconds: milliseconds($0) ?? 0).archived })
        }
        func channels(_ isGranted: Bool) -> AnalyticsColumn {
            .strings(profiles.map { $0.state.consent.filter { $0.value.isGranted == isGranted }.keys.sorted() })
        }
        return AnalyticsBlock(
            table: "profiles",
            columns: [
                ("profile_id", .uint64(rows.map { UInt64($0.id) })), ("ver", .uint64(rows.map { UInt64($0.version) })),
                ("created_ts", time(\.createdMS)), ("first_seen_ts", time(\.firstSeenMS)),
                ("last_seen_ts", time(\.lastSeenMS)), ("identified", .uint8(rows.map { $0.isIdentified ? 1 : 0 })),
                ("identified_ts", time(\.identifiedMS)), ("source_id", .uint64(rows.map { UInt64($0.sourceID) })),
                ("event_count", .uint64(rows.map { UInt64($0.eventCount) })),
                ("order_count", .uint64(rows.map { UInt64($0.orderCount) })),
                ("net_spend", .int64(rows.map(\.netSpend))), ("first_order_ts", time(\.firstOrderMS)),
                ("last_order_ts", time(\.lastOrderMS)), ("stage", .string(rows.map { $0.stage ?? "" })),
                ("rfm_class", .string(rows.map { $0.rfmClass ?? "" })),
                ("is_deleted", .uint8(rows.map { $0.isLiving ? 0 : 1 })),
                ("trait_names", .strings(traits.map(\.names))),
                ("trait_texts", .strings(traits.map { $0.values.map(\.text) })),
                ("trait_numbers", .int64s(traits.map { $0.values.map(\.number) })),
                ("trait_dates", .int64s(traits.map { $0.values.map(\.date) })),
                (
                    "identity_kinds",
                    .strings(profiles.map { $0.state.identityCounts.filter { $0.value > 0 }.keys.sorted() })
                ),
                ("consent_granted", channels(true)), ("consent_denied", channels(false)),
                ("stage_since_ts", time(\.stageSinceMS)), ("rfm_r", .uint8(rows.map { UInt8(clamping: $0.rfmR) })),
                ("rfm_f", .uint8(rows.map { UInt8(clamping: $0.rfmF) })),
                ("rfm_m", .uint8(rows.map { UInt8(clamping: $0.rfmM) })),
                ("segments", .int64s(profiles.map(\.segments))), ("tags", .int64s(profiles.map(\.tags))),
                ("score_models", .int64s(profiles.map { $0.scores.map(\.modelID) })),
                ("score_totals", .int64s(profiles.map { $0.scores.map(\.total) })),
                ("score_fits", .int64s(profiles.map { $0.scores.map(\.fit) })),
                ("score_engagements", .int64s(profiles.map { $0.scores.map(\.engagement) })),
                ("score_grades", .strings(profiles.map { $0.scores.map(\.grade.rawValue) })),
                ("tier", .string(rows.map { $0.tier ?? "" })), ("tier_since_ts", time(\.tierSinceMS)),
            ] + holdings(profiles.map(\.holdings)))
    }

    private static func holdings(_ all: [CriteriaHoldings]) -> [(String, AnalyticsColumn)] {
        let points = all.map { $0.points.sorted { $0.key < $1.key } }
        func amounts(_ amount: (CriteriaHoldings.Points) -> Int64) -> AnalyticsColumn {
            .int64s(points.map { $0.map { amount($0.value) } })
        }
        func coupons(_ number: (CriteriaHoldings.Coupons) -> Int64) -> AnalyticsColumn {
            .int64s(all.map { $0.coupons.map(number) })
        }
        return [
            ("is_member", .uint8(all.map { $0.isMember ? 1 : 0 })),
            ("point_currencies", .strings(points.map { $0.map(\.key) })), ("point_units", amounts(\.unit)),
            ("point_available", amounts(\.available)), ("point_pending", amounts(\.pending)),
            ("point_earned", amounts(\.earned)),
            ("lapsing_currencies", .strings(all.map { $0.lapsing.map(\.currency) })),
            ("lapsing_days", .int64s(all.map { $0.lapsing.map(\.day) })),
            ("lapsing_amounts", .int64s(all.map { $0.lapsing.map(\.amount) })),
            ("coupon_definitions", coupons(\.definition)),
            ("coupon_states", .strings(all.map { $0.coupons.map(\.state.rawValue) })),
            ("coupon_days", coupons(\.day)), ("coupon_counts", coupons(\.count)),
        ]
    }
}

/// One person on the way into the mirror.
struct ArchivedProfile: Sendable {
    var row: Profile
    var state: ProfileState
    var segments: [Int64]
    var tags: [Int64]
    var scores: [ProfileScore]
    var holdings: CriteriaHoldings

    init(
        _ row: Profile, _ state: ProfileState, _ segments: [Int64], tags: [Int64] = [], scores: [ProfileScore] = [],
        holdings: CriteriaHoldings = CriteriaHoldings()
    ) {
        self.row = row
        self.state = state
        self.segments = segments
        self.tags = tags
        self.scores = scores
        self.holdings = holdings
    }
}
