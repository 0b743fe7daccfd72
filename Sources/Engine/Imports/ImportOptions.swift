import Storage

/// What someone asks of an import; whatever is nil is found out from the file.
package struct ImportOptions: Sendable, Equatable, Codable {
    package var kind: ImportKind
    package var mapping: ColumnMapping?
    package var encoding: TextEncoding?
    /// `,` `;` `|` or a tab.
    package var delimiter: String?
    package var hasHeader: Bool?
    package var isJSONLines: Bool?
    package var dateFormat: DateFormat?
    package var decimalMark: DecimalMark?
    /// IANA name, for times without an offset of their own.
    package var timeZone: String
    /// ISO 4217, for rows without a currency of their own.
    package var currency: String
    /// What rows of members may name; `Imports.get` tells it as it is now.
    package var loyalty: ImportLoyalty?
    /// What a column of tags may name (`TagTree.importable`); nil: anything, what is unknown is made.
    package var knownTags: [String]?

    package init(
        kind: ImportKind, mapping: ColumnMapping? = nil, encoding: TextEncoding? = nil, delimiter: String? = nil,
        hasHeader: Bool? = nil, isJSONLines: Bool? = nil, dateFormat: DateFormat? = nil,
        decimalMark: DecimalMark? = nil, timeZone: String = "Asia/Shanghai", currency: String = "CNY",
        knownTags: [String]? = nil
    ) {
        self.kind = kind
        self.mapping = mapping
        self.encoding = encoding
        self.delimiter = delimiter
        self.hasHeader = hasHeader
        self.isJSONLines = isJSONLines
        self.dateFormat = dateFormat
        self.decimalMark = decimalMark
        self.timeZone = timeZone
        self.currency = currency
        self.knownTags = knownTags
    }
}

/// Currencies of the ledger with their digits, and codes of tiers: what rows of members may name.
package struct ImportLoyalty: Sendable, Equatable, Codable {
    package var scales: [String: Int]
    package var tiers: [String]
    /// Definitions of coupons that are in force, by name; nil: of an import that was asked for before there were any.
    package var coupons: [String: Int64]?

    package init(scales: [String: Int], tiers: [String], coupons: [String: Int64]? = nil) {
        self.scales = scales
        self.tiers = tiers
        self.coupons = coupons
    }

    /// The definition that a file calls by its name or number.
    func coupon(_ word: String) -> Int64? {
        coupons?[word] ?? Int64(word).flatMap { id in coupons?.values.contains(id) == true ? id : nil }
    }

    /// Throws: `StorageError`.
    package static func load(_ connection: any SQLConnection) throws -> ImportLoyalty {
        let currencies = try PointsCurrencies.list(connection).map(\.currency)
        let tiers = try TierLadders.current(connection)?.ladder.tiers.map(\.code) ?? []
        let coupons = try connection.query("SELECT name, id FROM coupon_definitions WHERE status = 'active'").map {
            (try $0.text(0), try $0.int(1))
        }
        return ImportLoyalty(
            scales: Dictionary(currencies.map { ($0.code, $0.scale) }) { first, _ in first }, tiers: tiers,
            coupons: Dictionary(coupons) { first, _ in first })
    }
}
