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

    static let columns = """
        id, name, channel, topic, is_transactional, draft, version, created_ms, updated_ms, edited_by, archived_ms
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
    }

    /// What somebody asks a template to be.
    package struct Draft: Sendable, Equatable {
        package var name: String
        package var channel: String
        package var topic: String
        package var isTransactional: Bool
        package var content: TemplateContent

        package init(
            name: String, channel: String = "email", topic: String = "", isTransactional: Bool = false,
            content: TemplateContent = TemplateContent()
        ) {
            self.name = name
            self.channel = channel
            self.topic = topic
            self.isTransactional = isTransactional
            self.content = content
        }
    }

    package var standing: [String] {
        get throws { [name, topic, isTransactional ? "1" : "0", try StoredDocument.text(draft)] }
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
    case notPublished
}

package enum TemplateLimits {
    package static let nameCharacters = 80
    package static let bytes = 400_000
    package static let blocks = 100
    package static let variants = 6
    package static let templates = 2_000
}
