/// Turns rows into the events they tell of: any name with its own columns as properties, or Segment's messages one a
/// line.
struct ImportedEvents: RowInterpreter {
    private let fields: RowFields
    private let importedAt: Timestamp
    private var occurrences = Occurrences()
    private var hash = ContentHash()
    private var writer = JSONObjectWriter()

    /// Throws: `ImportError` when who, when or what is not mapped.
    init(_ plan: ResolvedImport, importedAt: Timestamp) throws(ImportError) {
        fields = try RowFields(plan, importedAt: importedAt)
        var missing: [String] = []
        if !fields.hasIdentity { missing.append("customer") }
        if !fields.has(.time) { missing.append("time") }
        if !fields.has(.event), !fields.has(.call) { missing.append("event") }
        guard missing.isEmpty else { throw .missingFields(missing, kind: .events, available: plan.columns) }
        self.importedAt = importedAt
    }

    var isWaiting: Bool { false }

    mutating func read(
        _ rows: any RowReader, into events: inout [IncomingEvent]
    ) throws(ImportError) -> [RowRefusal] {
        var event: IncomingEvent
        do throws(FieldFault) {
            event = try self.event(rows)
        } catch {
            return [fields.refusal(error, rows)]
        }
        if event.messageID.isEmpty { event.messageID = try madeID(event) }
        events.append(event)
        return []
    }

    mutating func finish(into events: inout [IncomingEvent]) throws(ImportError) -> [RowRefusal] { [] }

    private mutating func event(_ rows: any RowReader) throws(FieldFault) -> IncomingEvent {
        let claims = try fields.claims(rows)
        guard let time = try fields.moment(.time, rows) else {
            throw FieldFault(field: .time, reason: .missing, explanation: "the row has no time")
        }
        let (kind, name) = try kindAndName(rows)
        writer.begin()
        if let document = try RowDocument.object(.properties, rows, fields) { writer.members(document) }
        fields.writeCustoms(rows, to: &writer)
        let properties = writer.end()
        let traits = try RowDocument.object(.traits, rows, fields).map { "{\($0)}" } ?? "{}"
        let context = try RowDocument.object(.context, rows, fields).map { "{\($0)}" } ?? "{}"
        guard properties.utf8.count + traits.utf8.count + context.utf8.count <= EventLimits.eventBytes else {
            throw RowDocument.tooLarge(.properties)
        }
        let messageID = fields.text(.messageID, rows).text
        guard messageID.count <= EventLimits.messageIDCharacters else {
            throw FieldFault(
                field: .messageID, reason: .tooLong,
                explanation: "the message id is longer than \(EventLimits.messageIDCharacters) characters")
        }
        return IncomingEvent(
            kind: kind, name: name, messageID: messageID, identities: claims, time: Timestamp(milliseconds: time),
            receivedAt: importedAt, properties: properties, traits: traits, context: context)
    }

    private func kindAndName(_ rows: any RowReader) throws(FieldFault) -> (EventKind, String) {
        let name = fields.text(.event, rows).text
        let call = fields.text(.call, rows).text
        switch call {
        case "identify": return (.identify, "Identify")
        case "page": return (.page, "Page Viewed")
        case "screen": return (.screen, "Screen Viewed")
        case "group": return (.group, "Group")
        case "alias":
            throw FieldFault(
                field: .call, reason: .badValue, explanation: "alias cannot be imported; send it to the event API")
        default: break
        }
        guard !name.isEmpty else {
            throw FieldFault(field: .event, reason: .missing, explanation: "the row names no event")
        }
        return (.track, name)
    }

    private mutating func madeID(_ event: IncomingEvent) throws(ImportError) -> String {
        hash.begin("event")
        hash.add(event.identities)
        hash.add(event.time.milliseconds)
        hash.add(event.name.utf8)
        hash.add(event.properties.utf8)
        hash.add(event.traits.utf8)
        let digest = hash.digest()
        let number = try occurrences.next(digest)
        return "import-event-" + ContentHash.text(digest) + (number == 1 ? "" : "-\(number)")
    }
}
