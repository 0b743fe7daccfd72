/// A kind and a normalised value: what points at one profile.
package struct IdentityKey: Sendable, Hashable, Comparable {
    package var kind: String
    package var value: String

    package init(kind: String, value: String) {
        self.kind = kind
        self.value = value
    }

    package static func < (left: IdentityKey, right: IdentityKey) -> Bool {
        left.kind == right.kind ? left.value < right.value : left.kind < right.kind
    }
}
