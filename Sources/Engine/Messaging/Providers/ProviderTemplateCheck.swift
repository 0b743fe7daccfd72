import Storage

/// Whether what a variant is made of is there at the provider, approved, and filled in everywhere.
struct ProviderTemplateCheck {
    let variant: TemplateContent.Variant
    let channel: String

    /// Returns whether the variant is made of a provider's template. Throws: `TemplateError`, `StorageError`.
    func check(_ connection: any SQLConnection) throws -> Bool {
        let drivers = ProviderCatalog.all.filter { $0.channel == channel }
        let needsOne = drivers.contains { $0.templateUse == .required }
        guard let template = variant.provider, !template.code.isEmpty else {
            if needsOne { throw TemplateError.noProviderTemplate(variant: variant.name) }
            return false
        }
        guard drivers.contains(where: { $0.name == template.provider && $0.templateUse != .none }) else {
            throw TemplateError.noProviderTemplate(variant: variant.name)
        }
        let known = try ApprovedTemplates.get(
            template.provider, code: template.code, language: template.language, connection)
        // Before the provider was ever asked nobody knows better than whoever wrote the code down.
        if let known, known.status != .approved {
            throw TemplateError.notApproved(variant: variant.name, code: template.code)
        }
        if known == nil, try ApprovedTemplates.fetchedAt(template.provider, connection) != nil {
            throw TemplateError.notApproved(variant: variant.name, code: template.code)
        }
        for name in known?.parameters ?? ProviderPlace.names(in: template.text) {
            let value = template.value(name) ?? template.value("body.\(name)") ?? ""
            guard !Whitespace.trim(value).isEmpty else {
                throw TemplateError.missingParameter(variant: variant.name, name: name)
            }
        }
        return true
    }
}
