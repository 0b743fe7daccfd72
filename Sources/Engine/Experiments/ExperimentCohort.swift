import Storage

/// Whom a comparison looks at: people with the variant they met and since when, out of the analytics store.
struct ExperimentCohort: Sendable {
    /// Answers `pid`, `shown` (milliseconds), `variant`, `grouping`, `told` (the meeting's place in the log; 0: what was in
    /// the log before says nothing), a row a meeting.
    let rows: AnalyticsSQL
    /// The first of these meetings.
    let since: Timestamp

    /// What a breakdown may go by: what people were when they met their variant.
    static let dimensions = ["stage", "rfm_class", "tier", "known"]

    /// Meetings (`profile_id`, `shown`, `variant`, `grouping`, `told`) of people as whom they have become since.
    private static func ofWinners(_ meetings: AnalyticsSQL) -> AnalyticsSQL {
        """
        SELECT if(a.winner_id = 0, e.profile_id, a.winner_id) AS pid, shown, variant, grouping, told FROM (\(meetings)) AS e
        ANY LEFT JOIN (SELECT profile_id, winner_id FROM profile_aliases AS x FINAL) AS a USING profile_id
        """
    }

    /// Everybody who met a variant of an experiment. Throws: `ExperimentError.unknownDimension`.
    init(_ experiment: Experiment, by dimension: String? = nil) throws {
        if let dimension, !Self.dimensions.contains(dimension) {
            throw ExperimentError.unknownDimension(dimension)
        }
        since = experiment.startedAt ?? experiment.createdAt
        let grouping: AnalyticsSQL = dimension.map { "prop_texts[indexOf(prop_names, \($0))]" } ?? "''"
        // Days of the rows are those of some zone.
        let day = LocalCalendar.text(ofDay: max(since.seconds / 86_400 - 1, 0))
        rows = Self.ofWinners(
            """
                SELECT profile_id, ts_ms AS shown, prop_texts[indexOf(prop_names, 'variant')] AS variant,
                    \(grouping) AS grouping, toInt64(position) AS told
                FROM events WHERE name = \(Exposures.event) AND kind = 'system' AND profile_id != 0
                    AND d >= toDate(\(day)) AND prop_texts[indexOf(prop_names, 'experiment')] = \(String(experiment.id))
            """)
    }

    /// Those whom something reached or would have reached, and those it kept apart: `reached` and `held`, by what was said as
    /// they were drawn. Of a broadcast everybody counts from the moment it started, also who could not be written to: so
    /// could not some of the others.
    init(_ subject: ReachSubject, since: Timestamp) {
        self.since = since
        let text = { (name: String) -> AnalyticsSQL in "prop_texts[indexOf(prop_names, \(name))]" }
        let condition: AnalyticsSQL
        let variant: AnalyticsSQL
        var shown: AnalyticsSQL = "ts_ms"
        var told: AnalyticsSQL = "toInt64(position)"
        switch subject {
        case .journey(let id):
            condition = "name = \(JourneyEvents.drawn) AND \(text("journey_id")) = \(String(id))"
            variant = text("group")
        case .broadcast(let id):
            let names = (MessageEvents.told.sorted()) + [Broadcasts.heldOut]
            condition = "name IN (\(list: names)) AND \(text("broadcast_id")) = \(String(id))"
            variant = "if(name = \(Broadcasts.heldOut), 'held', 'reached')"
            shown = "toInt64(\(since.milliseconds))"
            // They are told as they are written to, which may be long after.
            told = "toInt64(0)"
        case .benefit(let tier, let code):
            let names = [BenefitGrants.granted, BenefitHoldout.heldOut]
            condition = """
                name IN (\(list: names)) AND \(text("tier")) = \(CriteriaValue.folded(tier))
                    AND \(text("benefit")) = \(CriteriaValue.folded(code))
                """
            variant = "if(name = \(BenefitHoldout.heldOut), 'held', 'reached')"
        }
        let day = LocalCalendar.text(ofDay: max(since.seconds / 86_400 - 1, 0))
        rows = Self.ofWinners(
            """
                SELECT profile_id, \(shown) AS shown, \(variant) AS variant, \(told) AS told, '' AS grouping FROM events
                WHERE kind = 'system' AND profile_id != 0 AND d >= toDate(\(day)) AND \(condition)
            """)
    }

    /// Whom messages of a template were sent to, by the variant each got, of all versions and whoever sent them; tests are
    /// none. Events hold a variant's name folded.
    init(template: Int64, since: Timestamp) {
        self.since = since
        let day = LocalCalendar.text(ofDay: max(since.seconds / 86_400 - 1, 0))
        rows = Self.ofWinners(
            """
                SELECT profile_id, ts_ms AS shown, prop_texts[indexOf(prop_names, 'variant')] AS variant,
                    toInt64(position) AS told, '' AS grouping FROM events
                WHERE name = \(MessageEvents.sent) AND kind = 'system' AND profile_id != 0 AND d >= toDate(\(day))
                    AND prop_texts[indexOf(prop_names, 'template_id')] = \(String(template))
                    AND prop_texts[indexOf(prop_names, 'variant')] != ''
                    AND prop_texts[indexOf(prop_names, 'origin')] != 'test'
            """)
    }

    /// Everybody, divided by the global holdout: `held` and `reached`, since the share is what it is or since they came.
    init(_ holdout: Holdout, since: Timestamp) {
        self.since = since
        rows = """
            SELECT profile_id AS pid, greatest(toInt64(toUnixTimestamp(first_seen_ts)) * 1000, toInt64(\(since.milliseconds)))
                AS shown, if(\(Assignment.bucket(salt: holdout.salt, column: "profile_id")) < \(holdout.share), 'held',
                'reached') AS variant, '' AS grouping, toInt64(0) AS told
            FROM profiles AS p FINAL WHERE is_deleted = 0
            """
    }
}
