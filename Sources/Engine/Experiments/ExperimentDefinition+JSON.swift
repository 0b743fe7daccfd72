import Storage

extension ExperimentDefinition {
    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "name": .string(name), "hypothesis": .string(hypothesis),
            "variants": .array(
                variants.map { ["key": .string($0.key), "name": .string($0.name), "weight": .integer($0.weight)] }),
            "primary": primary.json, "guardrails": .array(guardrails.map(\.json)),
            "secondary": .array(secondary.map(\.json)), "rule": .string(rule.rawValue),
            "confidence": .integer(confidence), "planned_people": .integer(plannedPeople),
            "pre_days": .integer(preDays), "allocation": .string(allocation.rawValue),
        ]
        if allocation == .bandit { members["least_share"] = .integer(leastShare) }
        if let criteria = Criteria.readable(audience) { members["audience"] = criteria.json }
        return .object(members)
    }

    /// Reads a definition, from a request or from the store, and holds it against its bounds. Throws: `ExperimentError` naming
    /// the first field that cannot be used.
    package init(_ json: JSONValue) throws {
        func refuse(_ field: String, _ reason: String) -> ExperimentError { .invalid(field: field, reason: reason) }
        func whole(_ field: String, _ usual: Int64, _ range: ClosedRange<Int64>) throws -> Int64 {
            guard let value = json[field], value != .null else { return usual }
            guard let number = value.intValue, range.contains(number) else {
                throw refuse(field, "must be \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
        func metrics(_ field: String) throws -> [ExperimentMetric] {
            let values = json[field]?.arrayValue ?? []
            guard values.count <= ExperimentLimits.metricsMax else {
                throw refuse(field, "must be up to \(ExperimentLimits.metricsMax)")
            }
            return try values.enumerated().map { try ExperimentMetric($0.element, "\(field)[\($0.offset)]") }
        }
        name = Whitespace.trim(json["name"]?.stringValue ?? "")
        guard (1...ExperimentLimits.nameCharacters).contains(name.count) else {
            throw refuse("name", "must be 1 to \(ExperimentLimits.nameCharacters) characters")
        }
        hypothesis = Whitespace.trim(json["hypothesis"]?.stringValue ?? "")
        guard hypothesis.count <= ExperimentLimits.hypothesisCharacters else {
            throw refuse("hypothesis", "must be up to \(ExperimentLimits.hypothesisCharacters) characters")
        }
        variants = try Self.variants(json["variants"]?.arrayValue ?? [])
        audience = Self.everybody
        if let given = json["audience"], given != .null {
            do {
                audience = try Criteria(json: given).text
            } catch {
                throw ExperimentError.criteria(error)
            }
        }
        guard let first = json["primary"], first != .null else { throw refuse("primary", "must be a metric") }
        primary = try ExperimentMetric(first, "primary")
        guardrails = try metrics("guardrails")
        secondary = try metrics("secondary")
        guard let rule = Rule(rawValue: json["rule"]?.stringValue ?? Rule.sequential.rawValue) else {
            throw refuse("rule", "must be fixed or sequential")
        }
        self.rule = rule
        confidence = json["confidence"]?.intValue ?? 95
        guard ExperimentLimits.confidences.contains(confidence) else {
            let words = ExperimentLimits.confidences.map { String($0) }.joined(separator: ", ")
            throw refuse("confidence", "must be one of \(words)")
        }
        plannedPeople = try whole("planned_people", 0, 0...ExperimentLimits.plannedMax)
        preDays = try whole("pre_days", 0, 0...ExperimentLimits.preDaysMax)
        let word = json["allocation"]?.stringValue ?? Allocation.fixed.rawValue
        guard let allocation = Allocation(rawValue: word) else {
            throw refuse("allocation", "must be fixed or bandit")
        }
        self.allocation = allocation
        leastShare = try whole("least_share", ExperimentLimits.leastShare, ExperimentLimits.leastShares)
        guard allocation == .fixed || primary.kind != .retention else {
            throw refuse("allocation", "a bandit cannot learn from who comes back: too late")
        }
    }

    private static func variants(_ values: [JSONValue]) throws -> [Variant] {
        func refuse(_ field: String, _ reason: String) -> ExperimentError { .invalid(field: field, reason: reason) }
        guard ExperimentLimits.variants.contains(values.count) else {
            let range = ExperimentLimits.variants
            throw refuse("variants", "must be \(range.lowerBound) to \(range.upperBound)")
        }
        let variants = try values.enumerated().map { index, value -> Variant in
            let key = value["key"]?.stringValue ?? ""
            let isPlain = key.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F || $0 == 0x2D
            }
            guard isPlain, (1...ExperimentLimits.keyBytes).contains(key.utf8.count) else {
                throw refuse("variants[\(index)].key", "must be 1 to \(ExperimentLimits.keyBytes) of a-z, 0-9, _ and -")
            }
            let name = Whitespace.trim(value["name"]?.stringValue ?? "")
            guard name.count <= ExperimentLimits.nameCharacters else {
                throw refuse("variants[\(index)].name", "must be up to \(ExperimentLimits.nameCharacters) characters")
            }
            let weight = value["weight"]?.intValue ?? 1
            guard (1...ExperimentLimits.weightMax).contains(weight) else {
                throw refuse("variants[\(index)].weight", "must be 1 to \(ExperimentLimits.weightMax)")
            }
            return Variant(key, name, weight: weight)
        }
        guard Set(variants.map(\.key)).count == variants.count else {
            throw refuse("variants", "must have keys that differ")
        }
        return variants
    }
}
