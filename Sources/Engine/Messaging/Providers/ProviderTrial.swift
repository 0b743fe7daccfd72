import Storage

/// One message that says only that messages arrive: sent now, past the policy, and kept nowhere.
package struct ProviderTrial: Sendable {
    /// As somebody writes it; of a person an id, or anything that they are known by.
    package var to: String
    /// Code and language of an approved template; empty: the words alone.
    package var code: String
    package var language: String
    package var signature: String
    package var parameters: [ProviderTemplate.Parameter]
    package var title: String
    package var text: String

    package init(
        to: String, code: String = "", language: String = "", signature: String = "",
        parameters: [ProviderTemplate.Parameter] = [], title: String = "", text: String = ""
    ) {
        self.to = to
        self.code = code
        self.language = language
        self.signature = signature
        self.parameters = parameters
        self.title = title
        self.text = text
    }

    /// Throws: `ProviderError`, `MessageError.badAddress`, `SealError`, `StorageError`.
    package func send(
        by name: String, _ catalog: ProviderCatalog, _ platform: Platform
    ) async throws -> MessageOutcome {
        let (provider, account, line) = try await catalog.line(name, platform)
        guard account.isComplete(provider) else { throw ProviderError.notSetUp }
        guard let address = try await recipient(of: provider, platform) else { throw MessageError.badAddress(to) }
        if provider.templateUse == .required, code.isEmpty { throw ProviderError.missingField("template") }
        var content: ProviderTemplate?
        if !code.isEmpty {
            let known = try await platform.store.read {
                try ApprovedTemplates.get(name, code: code, language: language, $0)
            }
            content = ProviderTemplate(
                provider: name, code: code, language: language, signature: signature, text: known?.text ?? "",
                parameters: parameters)
        }
        let message = OutgoingMessage(
            id: platform.effects.newID(), profileID: Int64(address) ?? 0, address: address, subject: title, html: "",
            text: content.map { $0.text.isEmpty ? text : $0.filled } ?? text, link: "", unsubscribeURL: "",
            content: content)
        return await provider.send(message, line)
    }

    /// Nil: what was written is no address, or nobody is known by it.
    private func recipient(of provider: any MessageProvider, _ platform: Platform) async throws -> String? {
        try await platform.store.read { connection in
            let workspace = try Workspace.load(connection)
            guard provider.reachesPeople else { return provider.address(to, country: workspace.defaultCountry) }
            let person = try RecipientFacts.find(to, connection).flatMap {
                try RecipientFacts.load($0, workspace, connection)
            }
            return person.map { String($0.profileID) }
        }
    }
}
