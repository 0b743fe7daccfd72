import Storage

/// The columns of the analytics tables `events` and `timeline`, filled row by row.
struct ArchiveEventColumns {
    private var position: [UInt64] = []
    private var profileID: [UInt64] = []
    private var name: [String] = []
    private var kind: [String] = []
    private var ts: [UInt32] = []
    private var tsMilliseconds: [Int64] = []
    private var receivedTs: [UInt32] = []
    private var sourceID: [UInt64] = []
    private var messageID: [String] = []
    private var anonymousID: [String] = []
    private var url: [String] = []
    private var referrer: [String] = []
    private var campaignSource: [String] = []
    private var campaignMedium: [String] = []
    private var campaignName: [String] = []
    private var properties: [String] = []
    private var context: [String] = []
    private var day: [UInt16] = []
    private var propertyNames: [[String]] = []
    private var propertyTexts: [[String]] = []
    private var propertyNumbers: [[Int64]] = []
    private var days: ArchiveDays

    init(capacity: Int, calendar: LocalCalendar) {
        days = ArchiveDays(calendar: calendar)
        position.reserveCapacity(capacity)
        profileID.reserveCapacity(capacity)
        properties.reserveCapacity(capacity)
        context.reserveCapacity(capacity)
    }

    mutating func append(_ event: ArchivedEvent) {
        let page = ArchiveContext(context: event.context, properties: event.properties)
        position.append(UInt64(event.position))
        profileID.append(UInt64(event.profileID))
        name.append(event.name)
        kind.append(event.kind)
        ts.append(event.time.archived)
        tsMilliseconds.append(event.time.milliseconds)
        receivedTs.append(event.receivedAt.archived)
        sourceID.append(UInt64(event.sourceID))
        messageID.append(event.messageID)
        anonymousID.append(
            IdentityText.decode(event.identities).first { $0.kind == "anonymous_id" }?.value ?? "")
        url.append(page.url)
        referrer.append(page.referrer)
        campaignSource.append(page.campaignSource)
        campaignMedium.append(page.campaignMedium)
        campaignName.append(page.campaignName)
        properties.append(CompactJSON.text(event.properties))
        context.append(CompactJSON.text(event.context))
        day.append(days.day(of: event.time))
        let flat = FlatValues(parsing: event.properties, nil)
        propertyNames.append(flat.names)
        propertyTexts.append(flat.values.map(\.text))
        propertyNumbers.append(flat.values.map(\.number))
    }

    var block: AnalyticsBlock {
        AnalyticsBlock(
            table: "events",
            columns: [
                ("position", .uint64(position)), ("profile_id", .uint64(profileID)), ("name", .string(name)),
                ("kind", .string(kind)), ("ts", .uint32(ts)), ("ts_ms", .int64(tsMilliseconds)),
                ("received_ts", .uint32(receivedTs)), ("source_id", .uint64(sourceID)),
                ("message_id", .string(messageID)), ("anonymous_id", .string(anonymousID)), ("url", .string(url)),
                ("referrer", .string(referrer)), ("campaign_source", .string(campaignSource)),
                ("campaign_medium", .string(campaignMedium)), ("campaign_name", .string(campaignName)),
                ("properties", .string(properties)), ("context", .string(context)), ("d", .uint16(day)),
                ("prop_names", .strings(propertyNames)), ("prop_texts", .strings(propertyTexts)),
                ("prop_numbers", .int64s(propertyNumbers)),
            ])
    }

    /// The same events as a person's page shows them.
    var timelineBlock: AnalyticsBlock {
        AnalyticsBlock(
            table: "timeline",
            columns: [
                ("position", .uint64(position)), ("profile_id", .uint64(profileID)), ("name", .string(name)),
                ("kind", .string(kind)), ("ts_ms", .int64(tsMilliseconds)), ("received_ts", .uint32(receivedTs)),
                ("source_id", .uint64(sourceID)), ("message_id", .string(messageID)), ("url", .string(url)),
                ("properties", .string(properties)), ("context", .string(context)),
            ])
    }
}

/// Days of the workspace's zone as the analytics store holds them, remembered by quarter hour: no zone changes its
/// offset within one.
struct ArchiveDays {
    let calendar: LocalCalendar
    private var known: [Int64: UInt16] = [:]
    private static let quarterHourSeconds: Int64 = 900
    private static let knownLimit = 10_000

    init(calendar: LocalCalendar) {
        self.calendar = calendar
    }

    mutating func day(of time: Timestamp) -> UInt16 {
        let key = time.seconds / Self.quarterHourSeconds
        if let day = known[key] { return day }
        let day = UInt16(clamping: calendar.day(of: time))
        if known.count >= Self.knownLimit { known.removeAll(keepingCapacity: true) }
        known[key] = day
        return day
    }
}

extension Timestamp {
    /// Seconds since 1970 as the analytics store's DateTime, clamped to its range.
    var archived: UInt32 { UInt32(clamping: seconds) }
}
