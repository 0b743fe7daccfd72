/// What one batch saw of one owner: an event name with its properties, or the traits. Written once, at its end.
final class OwnerCounter {
    let owner: String
    let isListed: Bool
    let isBlocked: Bool
    let declared: [String: CatalogueDeclarations.Field]
    let required: [String]
    var volume: Int64 = 0
    var firstMS: Int64 = .max
    var lastMS: Int64 = .min
    var example = ""
    var fields: [String: FieldCounter] = [:]

    init(
        owner: String, isListed: Bool, isBlocked: Bool, declared: [String: CatalogueDeclarations.Field]
    ) {
        self.owner = owner
        self.isListed = isListed
        self.isBlocked = isBlocked
        self.declared = declared
        required = declared.filter(\.value.isRequired).keys.sorted()
    }

    func count(at ms: Int64) {
        volume += 1
        firstMS = min(firstMS, ms)
        lastMS = max(lastMS, ms)
    }
}

/// What one batch saw of one property or trait.
final class FieldCounter {
    let declared: CatalogueDeclarations.Field?
    let isListed: Bool
    let isPersonal: Bool
    var type: FieldType
    var volume: Int64 = 0
    var firstMS: Int64 = .max
    var lastMS: Int64 = .min
    var example = ""

    init(declared: CatalogueDeclarations.Field?, isListed: Bool, isPersonal: Bool, type: FieldType) {
        self.declared = declared
        self.isListed = isListed
        self.isPersonal = isPersonal
        self.type = type
    }

    func count(_ type: FieldType, at ms: Int64) {
        volume += 1
        firstMS = min(firstMS, ms)
        if ms >= lastMS {
            lastMS = ms
            self.type = type
        }
    }
}

/// One kind of violation that a batch saw.
struct ViolationCounter {
    var volume: Int64 = 0
    var firstMS: Int64 = .max
    var lastMS: Int64 = .min
    var example: String
    var evidence: Int64
}

struct ViolationKey: Hashable, Comparable {
    var owner: String
    var name: String
    var rule: CatalogueRule

    static func < (left: ViolationKey, right: ViolationKey) -> Bool {
        (left.owner, left.name, left.rule.rawValue) < (right.owner, right.name, right.rule.rawValue)
    }
}
