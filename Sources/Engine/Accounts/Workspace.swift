import Foundation
import Storage

/// The brand's own settings: what it is called, where its day begins, what it counts money in.
///
/// Kept under the settings name `workspace`; until it is saved the first time the defaults hold.
package struct Workspace: Codable, Sendable, Hashable {
    package var name: String
    /// IANA name; days, weeks and months of every report begin in this zone.
    package var timeZone: String
    /// ISO 4217; net spend and revenue are kept in its minor units.
    package var currency: String
    /// ISO 3166 alpha-2; phone numbers without a country code belong to it.
    package var defaultCountry: String
    /// `zh-Hans` or `en`: of people who have not chosen one.
    package var language: String
    /// Whether everybody who signs in with a password or a link needs a second factor.
    package var requiresTwoFactor = false

    package init(
        name: String = "Perennial", timeZone: String = "Asia/Shanghai", currency: String = "CNY",
        defaultCountry: String = "CN", language: String = "zh-Hans"
    ) {
        self.name = name
        self.timeZone = timeZone
        self.currency = currency
        self.defaultCountry = defaultCountry
        self.language = language
    }
}

extension Workspace {
    /// What was saved by an older version lacks the newer settings.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try fields.decode(String.self, forKey: .name),
            timeZone: try fields.decode(String.self, forKey: .timeZone),
            currency: try fields.decode(String.self, forKey: .currency),
            defaultCountry: try fields.decode(String.self, forKey: .defaultCountry),
            language: try fields.decode(String.self, forKey: .language))
        requiresTwoFactor = try fields.decodeIfPresent(Bool.self, forKey: .requiresTwoFactor) ?? false
    }

    /// Days of the workspace's zone; UTC should the zone have gone from the system.
    package var calendar: LocalCalendar {
        LocalCalendar(timeZone: timeZone) ?? .utc
    }

    /// The saved settings, or the defaults. Throws: `StorageError`.
    package static func load(_ connection: any SQLConnection) throws -> Workspace {
        try Settings.text("workspace", connection).map(saved) ?? Workspace()
    }

    private static let rememberedMax = 100
    private static let remembered = DecodedTexts<Workspace>(limit: rememberedMax)

    /// The settings as they are stored. Throws: `DecodingError`.
    static func saved(_ text: String) throws -> Workspace {
        try remembered.value(of: text) { try StoredDocument.value(Workspace.self, from: $0) }
    }

    /// Saves the settings. Throws: `WorkspaceError` naming the first field that cannot be used, `StorageError`.
    package func save(_ connection: any SQLConnection, at now: Timestamp) throws {
        try validate()
        try Settings.save(self, "workspace", connection, at: now)
    }

    /// Throws: `WorkspaceError` naming the first field that cannot be used.
    package func validate() throws {
        let title = name.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !title.isEmpty, title.count <= Workspace.nameCharacters else { throw WorkspaceError.name }
        guard TimeZone(identifier: timeZone) != nil else { throw WorkspaceError.timeZone(timeZone) }
        guard Workspace.isCode(currency, letters: 3) else { throw WorkspaceError.currency(currency) }
        guard Workspace.isCode(defaultCountry, letters: 2) else { throw WorkspaceError.country(defaultCountry) }
        guard Workspace.languages.contains(language) else { throw WorkspaceError.language(language) }
    }

    /// The languages that Perennial speaks.
    package static let languages = ["zh-Hans", "en"]
    package static let nameCharacters = 80

    private static func isCode(_ text: String, letters: Int) -> Bool {
        text.utf8.count == letters && text.utf8.allSatisfy { $0 >= 65 && $0 <= 90 }
    }
}

/// A workspace setting that cannot be used, with the value given.
package enum WorkspaceError: Error, Sendable, Equatable {
    case name
    case timeZone(String)
    case currency(String)
    case country(String)
    case language(String)
}
