import Storage

/// What it takes to say amounts and days in either language.
package struct TierSpeech: Sendable {
    package var workspace: Workspace
    private var currencies: [String: PointsCurrency]

    /// Throws: `StorageError`.
    package static func load(_ connection: any SQLConnection) throws -> TierSpeech {
        let currencies = try PointsCurrencies.list(connection).map { ($0.currency.code, $0.currency) }
        return TierSpeech(
            workspace: try Workspace.load(connection),
            currencies: Dictionary(currencies, uniquingKeysWith: { first, _ in first }))
    }

    package func words(_ language: CriteriaLanguage) -> TierWords {
        TierWords(language, currency: workspace.currency, currencies)
    }
}
