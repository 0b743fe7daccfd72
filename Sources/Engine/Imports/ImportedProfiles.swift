/// Turns rows of people into `Identify`. The message id is made from what the row says, so that an unchanged row adds
/// nothing when it comes again and a changed one counts.
struct ImportedProfiles: RowInterpreter {
    private let fields: RowFields
    private let importedAt: Timestamp
    private let tags: ImportedTags
    private var hash = ContentHash()
    private var writer = JSONObjectWriter()

    /// Throws: `ImportError` when no column tells who the person is.
    init(_ plan: ResolvedImport, importedAt: Timestamp) throws(ImportError) {
        fields = try RowFields(plan, importedAt: importedAt)
        guard fields.hasIdentity else {
            throw .missingFields(["customer (or phone, email, …)"], kind: .profiles, available: plan.columns)
        }
        self.importedAt = importedAt
        tags = ImportedTags(plan.knownTags)
    }

    var isWaiting: Bool { false }

    mutating func read(
        _ rows: any RowReader, into events: inout [IncomingEvent]
    ) throws(ImportError) -> [RowRefusal] {
        do throws(FieldFault) {
            events.append(try event(rows))
            return []
        } catch {
            return [fields.refusal(error, rows)]
        }
    }

    mutating func finish(into events: inout [IncomingEvent]) throws(ImportError) -> [RowRefusal] { [] }

    private mutating func event(_ rows: any RowReader) throws(FieldFault) -> IncomingEvent {
        let claims = try fields.claims(rows)
        let time = try fields.moment(.time, rows)
        writer.begin()
        if let document = try RowDocument.object(.traits, rows, fields) { writer.members(document) }
        for claim in claims where claim.kind == "phone" || claim.kind == "email" {
            writer.string(named: claim.kind, claim.value)
        }
        fields.writeCustoms(rows, to: &writer)
        let traits = writer.end()
        guard traits.utf8.count <= EventLimits.eventBytes else { throw RowDocument.tooLarge(.traits) }
        hash.begin("profile")
        hash.add(claims)
        hash.add(time ?? 0)
        hash.add(traits.utf8)
        let names = try tags.read(fields, rows)
        let properties = names.isEmpty ? "{}" : JSONValue.object(["tags": .array(names)]).text()
        if properties != "{}" { hash.add(properties.utf8) }
        return IncomingEvent(
            kind: .identify, name: "Identify", messageID: "import-profile-" + ContentHash.text(hash.digest()),
            identities: claims, time: time.map(Timestamp.init(milliseconds:)) ?? importedAt, receivedAt: importedAt,
            properties: properties, traits: traits)
    }
}
