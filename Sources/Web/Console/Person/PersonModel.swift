import Engine

/// One person whole: who they are, how we know, where they stand and why.
struct PersonModel: PageModel {
    struct IdentityRow: Encodable, Sendable {
        var kind: String
        var value: String
        var source: String
        var since: String
        var isVerified: Bool
    }

    struct TraitGroup: Encodable, Sendable {
        var title: String
        var rows: [TraitRow]
    }

    struct TraitRow: Encodable, Sendable {
        var name: String
        var value: String
        var changed: String
    }

    struct Channel: Encodable, Sendable {
        var name: String
        var state: String
        var tone: String
        var since: String
        var proof: String?
    }

    struct Merge: Encodable, Sendable {
        var id: String
        var text: String
        var time: String
        var identities: String
        var mayUndo: Bool
        var isUndone: Bool
    }

    struct Unlink: Encodable, Sendable {
        var id: String
        var kind: String
        var value: String
        var time: String
        var mayUndo: Bool
        var isUndone: Bool
    }

    struct Conflict: Encodable, Sendable {
        var identity: String
        var reason: String
        var time: String
    }

    /// How the stage, and how the RFM class, came about.
    struct Standing: Encodable, Sendable {
        var title: String
        var stage: String?
        var reason: String
        var next: String?
        /// The figures compared, a line for each.
        var details: [String] = []
    }

    /// What the rhythm says about the next purchase.
    struct Expected: Encodable, Sendable {
        var headline: String
        var lines: [String]
        var how: HowModel
    }

    struct Score: Encodable, Sendable {
        var name: String
        var score: String
        var width: String
    }

    var id: String
    var name: String
    var initial: String
    var isAnonymous: Bool
    var subtitle: String
    var stage: StageChip?
    var rfmClass: String?
    var figures: [FigureModel]
    var standing: Standing?
    var rfm: Standing?
    var expected: Expected?
    var printed: String
    var scores: [Score]
    var hasScores: Bool
    var identities: [IdentityRow]
    var hasIdentities: Bool
    var traits: [TraitGroup]
    var hasTraits: Bool
    var consent: [Channel]
    var hasConsent: Bool
    var merges: [Merge]
    var hasMerges: Bool
    var unlinks: [Unlink]
    var hasUnlinks: Bool
    var conflicts: [Conflict]
    var hasConflicts: Bool
    var hasOrders: Bool
    var mayManage: Bool
    var problem: String?
}
