import Storage
import Synchronization

/// Published templates, their pieces of Liquid and their links, read once and kept from message to message.
package final class TemplateShelf: Sendable {
    private struct State {
        /// By template and version, which never change.
        var contents: [String: TemplateContent] = [:]
        var texts: [String: LiquidText] = [:]
        var links: [Link: String] = [:]
    }

    private struct Link: Hashable {
        var address: String
        var campaign: String
        var medium: String
    }

    private let state = Mutex(State())
    private static let contentsMax = 100
    private static let textsMax = 5_000
    private static let linksMax = 1_000
    private static let linkBytesMax = 500

    package init() {}

    /// Makes the message, with the version in force; of a test, with the draft.
    /// Throws: `TemplateError`, `StorageError`.
    func composer(
        of message: SentMessage, policy: MessagePolicy, links: MessageLinks, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> MessageComposer {
        let template = try MessageTemplates.get(message.templateID, connection)
        let content =
            message.origin == "test" ? template.draft : try content(template.id, template.version, connection)
        return MessageComposer(
            template: template, content: content, policy: policy, links: links, now: now, shelf: self)
    }

    private func content(_ id: Int64, _ version: Int64, _ connection: any SQLConnection) throws -> TemplateContent {
        let key = "\(id) \(version)"
        if let known = state.withLock({ $0.contents[key] }) { return known }
        let read = try MessageTemplates.content(id, version: version, connection)
        state.withLock { state in
            if state.contents.count >= Self.contentsMax { state.contents = [:] }
            state.contents[key] = read
        }
        return read
    }

    /// A text as Liquid. Throws: `LiquidError`.
    func text(_ source: String) throws -> LiquidText {
        if let known = state.withLock({ $0.texts[source] }) { return known }
        let read = try LiquidText(source)
        state.withLock { state in
            if state.texts.count >= Self.textsMax { state.texts = [:] }
            state.texts[source] = read
        }
        return read
    }

    /// A link's address with what tells the campaign: it is the same for everybody in most letters.
    func marked(_ address: String, campaign: String, medium: String) -> String {
        // Equal texts may differ in their bytes, ASCII does not.
        let isKept = address.utf8.count <= Self.linkBytesMax && address.utf8.allSatisfy { $0 < 0x80 }
        let link = Link(address: address, campaign: campaign, medium: medium)
        if isKept, let known = state.withLock({ $0.links[link] }) { return known }
        let made = MessageComposer.marked(address, campaign: campaign, medium: medium)
        guard isKept else { return made }
        state.withLock { state in
            if state.links.count >= Self.linksMax { state.links = [:] }
            state.links[link] = made
        }
        return made
    }
}
