import Storage

/// Counts what the events of one batch are made of, and compares it with what was declared.
///
/// Invariants: every event and every top-level property and trait is counted once; nothing is dropped for what is
/// declared, only counted as a violation. A name known in the batch costs a dictionary lookup; the rows are written
/// once a batch, in the order of their keys, last of all, so that processors wait for each other only there.
package struct CatalogueBatch {
    private let declarations: CatalogueDeclarations
    private var known: CatalogueNames
    private let cache: CatalogueCache
    private var owners: [String: OwnerCounter] = [:]
    private let traits: OwnerCounter
    private var violations: [ViolationKey: ViolationCounter] = [:]

    package init(_ cache: CatalogueCache, _ connection: any SQLConnection) throws {
        self.cache = cache
        (declarations, known) = try cache.load(connection)
        let owner = CatalogueDeclarations.traitOwner
        traits = OwnerCounter(
            owner: owner, isListed: true, isBlocked: false, declared: declarations.fields[owner] ?? [:])
    }

    /// Counts an event. Returns false when events of this name are blocked.
    package mutating func observe(_ logged: LoggedEvent) -> Bool {
        let event = logged.event
        let ms = event.time.milliseconds
        let counter = counter(of: event.name)
        counter.count(at: ms)
        if counter.example.isEmpty { counter.example = String(event.properties.prefix(Self.eventExampleCharacters)) }
        if !counter.isListed { violate("catalogue", event.name, .tooMany, "", logged) }
        if counter.isBlocked {
            violate(counter.owner, "", .blocked, "", logged)
            return false
        }
        observe(event.properties, counter, logged)
        // The traits of a group are not a person's.
        if event.traits.utf8.count > 2, event.kind != .group { observe(event.traits, traits, logged) }
        return true
    }

    /// Counts something that is wrong with a field.
    package mutating func violate(
        _ owner: String, _ name: String, _ rule: CatalogueRule, _ example: String, _ logged: LoggedEvent
    ) {
        let key = ViolationKey(owner: owner, name: Self.short(name), rule: rule)
        let ms = logged.event.time.milliseconds
        var counter = violations[key] ?? ViolationCounter(example: example, evidence: logged.position)
        counter.volume += 1
        counter.firstMS = min(counter.firstMS, ms)
        counter.lastMS = max(counter.lastMS, ms)
        violations[key] = counter
    }

    /// Blocked traits stay in the event and never reach a profile.
    package func isBlocked(trait name: String) -> Bool {
        traits.declared[name]?.isBlocked == true
    }

    static let eventExampleCharacters = 300
    static let maskedExample = "•••"

    private mutating func counter(of name: String) -> OwnerCounter {
        if let counter = owners[name] { return counter }
        let listed = known.admit(event: name)
        let owner = CatalogueDeclarations.owner(ofEvent: name)
        let counter = OwnerCounter(
            owner: owner, isListed: listed, isBlocked: declarations.blockedEvents.contains(name),
            declared: declarations.fields[owner] ?? [:])
        owners[name] = counter
        return counter
    }

    private mutating func observe(_ json: String, _ counter: OwnerCounter, _ logged: LoggedEvent) {
        var text = json
        text.withUTF8 { bytes in
            // The collector has validated the text; what cannot be walked is not counted.
            _ = Result { try walk(bytes, counter, logged) }
        }
    }

    private mutating func walk(
        _ bytes: UnsafeBufferPointer<UInt8>, _ counter: OwnerCounter, _ logged: LoggedEvent
    ) throws {
        var missing = counter.required
        var scanner = JSONScanner(bytes)
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            let name = scanner.string(key) ?? ""
            let slice = try scanner.value()
            if !missing.isEmpty, slice.kind != .null { missing.removeAll { $0 == name } }
            guard let type = FieldType.of(slice, bytes) else { continue }
            count(name, type, slice, scanner, counter, logged)
        }
        // An identify call need not repeat every trait: required holds for events.
        guard counter.owner != CatalogueDeclarations.traitOwner else { return }
        for name in missing { violate(counter.owner, name, .missing, "", logged) }
    }

    private mutating func count(
        _ name: String, _ type: FieldType, _ slice: JSONSlice, _ scanner: JSONScanner, _ counter: OwnerCounter,
        _ logged: LoggedEvent
    ) {
        let field = counter.fields[name] ?? discover(name, type, counter, logged)
        field.count(type, at: logged.event.time.milliseconds)
        if field.example.isEmpty {
            field.example = field.isPersonal ? Self.maskedExample : Self.example(slice, scanner)
        }
        guard let declared = field.declared else { return }
        if declared.isBlocked { violate(counter.owner, name, .blocked, "", logged) }
        if let wanted = declared.type, !type.satisfies(wanted) {
            violate(counter.owner, name, .wrongType, field.isPersonal ? "" : Self.example(slice, scanner), logged)
        }
    }

    private mutating func discover(
        _ name: String, _ type: FieldType, _ counter: OwnerCounter, _ logged: LoggedEvent
    ) -> FieldCounter {
        let isShort = name.utf8.count <= CatalogueLimits.nameCharacters && !name.isEmpty
        let listed = counter.isListed && isShort && known.admit(field: name, of: counter.owner)
        if counter.isListed, isShort, !listed { violate(counter.owner, "*", .tooMany, name, logged) }
        let declared = counter.declared[name]
        let field = FieldCounter(
            declared: declared, isListed: listed, isPersonal: declared?.isPersonal ?? WellKnownTraits.isPersonal(name),
            type: type)
        counter.fields[name] = field
        return field
    }

    private static func example(_ slice: JSONSlice, _ scanner: JSONScanner) -> String {
        let text = slice.kind == .string ? scanner.string(slice) ?? "" : scanner.raw(slice)
        return String(text.prefix(CatalogueLimits.exampleCharacters))
    }

    private static func short(_ name: String) -> String {
        name.utf8.count <= CatalogueLimits.nameCharacters
            ? name : String(name.prefix(CatalogueLimits.nameCharacters / 4))
    }

    /// Writes the counts. To be called last in the transaction.
    package mutating func save(to connection: any SQLConnection) throws {
        try CatalogueRows.save(events: owners.values.filter(\.isListed), connection)
        try CatalogueRows.save(fieldsOf: owners.values.filter(\.isListed) + [traits], connection)
        try CatalogueRows.save(violations, connection)
        cache.remember(known)
    }
}
