import Storage

/// Reads the people of a dry run, part by part, and walks them through the draft.
///
/// Of many people a sample is taken, by a draw that is the same at every run: up to `dryRunPeople` and `dryRunWalks`, and
/// no new part once `dryRunSeconds` are over. Every part of the order is a fair sample, wherever it ends.
struct JourneyDryPeople: Sendable {
    let platform: Platform
    let journey: Journey
    /// With the definitions of segments put in.
    let definition: JourneyDefinition
    let workspace: Workspace
    let now: Timestamp

    private static let salt = Assignment.salt(of: "dry_run")
    private static let draws: Int64 = 1 << 40

    /// What holds for everybody.
    private struct Frame: Sendable {
        var published: PublishedSegments
        var terms: JourneyDryTerms
        var policy: JourneyDryPolicy
        var experiments: [Int64]
        /// Whether best hours, and preferred channels, are asked for.
        var asksHours = false
        var asksPreferences = false
    }

    private struct Part: Sendable {
        var people: [Int64: JourneyDryPerson] = [:]
        var known: [String: PolicyCheck.Known] = [:]
    }

    /// `range`: days of the workspace. Throws: `StorageError`, `CancellationError`.
    func outcome(of entries: [JourneyDryRun.Entry], _ range: ClosedRange<Int64>) async throws -> JourneyDryOutcome {
        let frame = try await platform.store.read { try self.frame($0) }
        let calendar = workspace.calendar
        let (from, end) = (
            calendar.start(ofDay: range.lowerBound),
            calendar.start(ofDay: range.upperBound + 1).adding(milliseconds: -1)
        )
        let walk = JourneyDryWalk(definition, salt: journey.salt, clock: frame.published.clock(now))
        var tally = JourneyDryTally(frame.policy.policy.caps, frame.terms, calendar)
        var isCut = false
        let chosen = Self.sample(entries, people: JourneyLimits.dryRunPeople, walks: JourneyLimits.dryRunWalks)
        let late = platform.effects.now().adding(milliseconds: JourneyLimits.dryRunSeconds * 1_000)
        for start in stride(from: 0, to: chosen.count, by: JourneyLimits.dryRunChunk) {
            guard start == 0 || platform.effects.now() < late else { break }
            let own = chosen[start..<min(start + JourneyLimits.dryRunChunk, chosen.count)]
            let ids = own.map(\.profile)
            var part = try await platform.store.read { try self.part(ids, frame, since: from, $0) }
            isCut = try await addEvents(walk.names, since: from, to: &part) || isCut
            var policy = frame.policy
            policy.known = part.known
            for one in own {
                // Gone since they were looked for.
                guard let person = part.people[one.profile] else { continue }
                let deeds = one.entries.flatMap { walk.deeds(of: $0, person, until: end) }
                tally.add(
                    entries: one.entries.count, deeds, policy.verdicts(deeds, person, until: end), person)
            }
        }
        var outcome = tally.outcome(of: Int64(entries.count), range)
        outcome.isCut = isCut
        return outcome
    }

    /// People in an order by chance, with all of their entries, as many as fit. Pure.
    static func sample(
        _ entries: [JourneyDryRun.Entry], people: Int, walks: Int
    ) -> [(profile: Int64, entries: [JourneyDryRun.Entry])] {
        let own = Dictionary(grouping: entries, by: \.profile)
        let order = own.keys.map { (draw: Assignment.bucket(salt: salt, profile: $0, of: draws), profile: $0) }
            .sorted { ($0.draw, $0.profile) < ($1.draw, $1.profile) }
        var chosen: [(profile: Int64, entries: [JourneyDryRun.Entry])] = []
        var room = walks
        for (_, profile) in order.prefix(people) {
            let theirs = own[profile] ?? []
            if theirs.count > room {
                // One who alone is too much is looked at in part.
                if chosen.isEmpty { chosen.append((profile, Array(theirs.prefix(room)))) }
                break
            }
            room -= theirs.count
            chosen.append((profile, theirs))
        }
        return chosen
    }

    // MARK: Reading

    private func frame(_ connection: any SQLConnection) throws -> Frame {
        let published = try PublishedSegments.load(
            version: try SegmentCache.version(connection), workspace, connection)
        let (templates, asksPreferences) = try self.templates(connection)
        var asksHours = false
        definition.visit { step, _ in
            if let node = step.node as? MessageNode { asksHours = asksHours || node.timing == .bestHour }
        }
        return Frame(
            published: published, terms: try JourneyDryTerms.load(definition, connection),
            policy: JourneyDryPolicy(
                policy: try MessagePolicy.load(connection), templates: templates, channels: .known),
            experiments: JourneyMap(definition).experiments.sorted(), asksHours: asksHours,
            asksPreferences: asksPreferences)
    }

    /// The templates that the draft sends, with those of their ways round; and whether there are such.
    private func templates(
        _ connection: any SQLConnection
    ) throws -> (templates: [Int64: JourneyDryPolicy.Template], hasFallbacks: Bool) {
        var wanted: [Int64] = []
        var hasFallbacks = false
        definition.visit { step, _ in
            guard let node = step.node as? MessageNode else { return }
            wanted.append(node.template)
            let round = [node.fallback, node.fallback2].compactMap { $0 }
            wanted += round
            hasFallbacks = hasFallbacks || !round.isEmpty
        }
        var found: [Int64: JourneyDryPolicy.Template] = [:]
        while let id = wanted.popLast() {
            guard found[id] == nil else { continue }
            do {
                let template = try MessageTemplates.get(id, connection)
                found[id] = JourneyDryPolicy.Template(
                    channel: template.channel, topic: template.topic, isTransactional: template.isTransactional,
                    isPublished: template.version > 0, fallbacks: template.fallbacks)
                wanted += template.fallbacks
                hasFallbacks = hasFallbacks || !template.fallbacks.isEmpty
            } catch TemplateError.notFound {
                continue
            }
        }
        return (found, hasFallbacks)
    }

    private func part(
        _ ids: [Int64], _ frame: Frame, since from: Timestamp, _ connection: any SQLConnection
    ) throws -> Part {
        let policy = frame.policy
        let recipients = try RecipientFacts.load(ids, workspace, connection).filter(\.value.isLiving)
        var part = Part(people: recipients.mapValues { JourneyDryPerson($0) })
        try know(&part, ids, frame, connection)
        let everybody = recipients.values.sorted { $0.profileID < $1.profileID }
        for name in Set(policy.templates.values.map(\.channel)).sorted() {
            guard let channel = policy.channels.channel(name) else { continue }
            for (id, recipient) in recipients {
                part.people[id]?.addresses[name] = try channel.address(of: recipient, connection)
            }
            part.known[name] = try PolicyCheck.Known(
                everybody, addresses: part.people.values.compactMap { $0.addresses[name] }, policy: policy.policy,
                channel: name, now: now, connection)
        }
        guard !policy.templates.isEmpty else { return part }
        let hours = frame.asksHours ? try BestHours.known(ids, connection) : [:]
        let left =
            policy.policy.caps.isEmpty
            ? [:]
            : try CapCheck.history(
                of: everybody, since: from.adding(days: -JourneyDryPolicy.capDays), besides: journey.id, connection)
        for (id, recipient) in recipients {
            part.people[id]?.bestHour = hours[id]
            part.people[id]?.left = left[recipient.profileID] ?? []
            if frame.asksPreferences {
                part.people[id]?.preferred = try MessagePreferences.channel(of: recipient, connection)
            }
        }
        return part
    }

    /// What decides about ways and gifts.
    private func know(
        _ part: inout Part, _ ids: [Int64], _ frame: Frame, _ connection: any SQLConnection
    ) throws {
        if definition.asksFacts {
            for (id, subject) in try JourneyPeople.subjects(Set(ids), frame.published, connection) {
                part.people[id]?.subject = subject
            }
        }
        for experiment in frame.experiments {
            for (id, variant) in try Exposures.foreseen(experiment, for: Set(ids), connection) {
                part.people[id]?.experiments[experiment] = variant
            }
        }
        let members = try connection.queryMany(
            "SELECT id FROM points_accounts WHERE profile_id = ? AND closed_ms IS NULL", ids.map { [.integer($0)] })
        for (id, rows) in zip(ids, members) { part.people[id]?.isMember = !rows.isEmpty }
        for (coupon, _) in frame.terms.coupons.filter({ $0.value.perPerson != nil }) {
            let given = try connection.queryMany(
                "SELECT issued FROM coupon_people WHERE profile_id = ? AND definition_id = ?",
                ids.map { [.integer($0), .integer(coupon)] })
            for (id, rows) in zip(ids, given) {
                part.people[id]?.coupons[coupon] = try rows.first?.int(0) ?? 0
            }
        }
    }

    /// What these people did of what the draft waits for. Returns whether there was more than is looked at.
    private func addEvents(_ names: Set<String>, since from: Timestamp, to part: inout Part) async throws -> Bool {
        guard !names.isEmpty, !part.people.isEmpty else { return false }
        let owners = Dictionary(
            part.people.flatMap { id, person in person.recipient.profileIDs.map { ($0, id) } },
            uniquingKeysWith: { first, _ in first })
        let table = try await platform.analytics.query(
            """
            SELECT profile_id, ts_ms, name, properties, context FROM timeline AS t FINAL
            WHERE name IN (\(list: names.sorted())) AND profile_id IN (\(list: owners.keys.sorted()))
                AND ts_ms >= \(from.milliseconds)
            ORDER BY ts_ms, position LIMIT \(JourneyLimits.dryRunEvents)
            """, limits: JourneyDryRun.limits)
        let (people, times, found) = (try table.ints(0), try table.ints(1), try table.strings(2))
        let (properties, contexts) = (try table.strings(3), try table.strings(4))
        for row in people.indices {
            guard let owner = owners[people[row]] else { continue }
            part.people[owner]?.events.append(
                CriteriaEvent(
                    position: 0, name: found[row], time: Timestamp(milliseconds: times[row]),
                    properties: FlatValues(parsing: properties[row], nil), context: contexts[row]))
        }
        return Int64(people.count) >= JourneyLimits.dryRunEvents
    }
}
