import Storage

/// What is written to people: a draft, and the version in force.
package struct MessageTemplate: Sendable, Equatable {
    package var id: Int64
    package var name: String
    package var channel: String
    package var topic: String
    package var isTransactional: Bool
    package var draft: TemplateContent
    /// 0: none was published.
    package var version: Int64
    package var createdAt: Timestamp
    package var updatedAt: Timestamp
    package var editedBy: String
    package var isArchived: Bool
    /// Templates of other channels, tried in order when this one does not reach a person.
    package var fallbacks: [Int64]

    static let columns = """
        id, name, channel, topic, is_transactional, draft, version, created_ms, updated_ms, edited_by, archived_ms, \
        fallbacks
        """

    init(row: SQLRow) throws {
        id = try row.int(0)
        name = try row.text(1)
        channel = try row.text(2)
        topic = try row.text(3)
        isTransactional = try row.int(4) == 1
        draft = try StoredDocument.value(TemplateContent.self, from: try row.text(5))
        version = try row.int(6)
        createdAt = Timestamp(milliseconds: try row.int(7))
        updatedAt = Timestamp(milliseconds: try row.int(8))
        editedBy = try row.text(9)
        isArchived = try row.intOrNil(10) != nil
        fallbacks = MessageRoutes.ids(try row.text(11))
    }

    /// What somebody asks a template to be.
    package struct Draft: Sendable, Equatable {
        package var name: String
        package var channel: String
        package var topic: String
        package var isTransactional: Bool
        package var content: TemplateContent
        package var fallbacks: [Int64]

        package init(
            name: String, channel: String = "email", topic: String = "", isTransactional: Bool = false,
            content: TemplateContent = TemplateContent(), fallbacks: [Int64] = []
        ) {
            self.name = name
            self.channel = channel
            self.topic = topic
            self.isTransactional = isTransactional
            self.content = content
            self.fallbacks = fallbacks
        }
    }

    package var standing: [String] {
        get throws {
            [
                name, topic, isTransactional ? "1" : "0", try StoredDocument.text(draft), MessageRoutes.text(fallbacks),
            ]
        }
    }

    /// Throws: `EncodingError`.
    package var revision: Revision {
        get throws { try Revision(of: try standing) }
    }
}

package enum TemplateError: Error, Sendable, Equatable {
    case notFound(Int64)
    case badName
    case unknownChannel(String)
    case unknownTopic(String)
    case tooLong(limit: Int)
    case tooManyBlocks(limit: Int)
    case variants(limit: Int)
    /// Where in the content, and what is wrong there.
    case liquid(place: String, LiquidError)
    case noSubject(variant: String)
    case empty(variant: String)
    /// A letter that people must be able to leave has no footer.
    case noFooter(variant: String)
    /// A button that leads nowhere would not be shown.
    case noLink(variant: String)
    /// A card with a title that leads nowhere would lose its title.
    case noCardLink(variant: String)
    case notPublished
    /// The channel needs a template of a provider.
    case noProviderTemplate(variant: String)
    /// The provider has none of that code, or has not approved it.
    case notApproved(variant: String, code: String)
    /// A place of the provider's template that is not filled in.
    case missingParameter(variant: String, name: String)
    case tooManyParameters(limit: Int)
    /// A template that cannot be tried after this one: it is not there, of the same channel, or there are too many.
    case badFallback(Int64)
    /// Journeys and broadcasts write with it.
    case usedBy([SegmentUse])
}

package enum TemplateLimits {
    package static let nameCharacters = 80
    package static let bytes = 400_000
    package static let blocks = 100
    package static let variants = 6
    package static let templates = 2_000
    package static let parameters = 50
    package static let parameterBytes = 4_000
}
