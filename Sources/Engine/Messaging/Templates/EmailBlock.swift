/// One part of a letter. Every text in it is Liquid.
package struct EmailBlock: Codable, Sendable, Equatable {
    package enum Kind: String, Codable, Sendable, CaseIterable {
        case heading, text, image, button, product, coupon, points, tier, divider, columns, footer
    }

    package var kind: Kind
    /// What it says; of a product its name, of a coupon, points and tier the line above.
    package var text: String
    /// Where it leads.
    package var url: String
    package var image: String
    /// Of a product its price, of a coupon its code, of points the amount, of a tier its name.
    package var value: String
    /// A condition like `points.available > 0`; empty: always.
    package var when: String
    /// Of `columns`: two or three, side by side where there is room.
    package var columns: [[EmailBlock]]

    package init(
        _ kind: Kind, text: String = "", url: String = "", image: String = "", value: String = "", when: String = "",
        columns: [[EmailBlock]] = []
    ) {
        self.kind = kind
        self.text = text
        self.url = url
        self.image = image
        self.value = value
        self.when = when
        self.columns = columns
    }

    private enum CodingKeys: String, CodingKey {
        case kind, text, url, image, value, when, columns
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            try fields.decode(Kind.self, forKey: .kind), text: try fields.text(.text), url: try fields.text(.url),
            image: try fields.text(.image), value: try fields.text(.value), when: try fields.text(.when),
            columns: try fields.decodeIfPresent([[EmailBlock]].self, forKey: .columns) ?? [])
    }

    /// What coupon, points and tier tell unless something else is asked for.
    var told: String {
        guard value.isEmpty else { return value }
        switch kind {
        case .coupon: return "{{ coupon.code }}"
        case .points: return "{{ points.available }}"
        case .tier: return "{{ tier.name }}"
        default: return ""
        }
    }

    /// Every piece of Liquid in it, by the name of its field.
    var sources: [(field: String, source: String)] {
        [
            ("text", text), ("url", url), ("image", image), ("value", value),
            ("when", when.isEmpty ? "" : "{% if \(when) %}1{% endif %}"),
        ]
    }
}

/// What a template says: one or more variants, drawn by weight and kept to for each person.
package struct TemplateContent: Codable, Sendable, Equatable {
    package struct Variant: Codable, Sendable, Equatable {
        package var name: String
        package var weight: Int
        /// Of a letter its subject, of an inbox item its title; a webhook has none.
        package var subject: String
        /// Shown after the subject in lists of mail.
        package var preheader: String
        package var blocks: [EmailBlock]
        /// Of an inbox item its text, of a webhook its JSON.
        package var body: String
        package var link: String
        /// Of a channel whose messages are made of a provider's templates.
        package var provider: ProviderTemplate?

        package init(
            name: String = "A", weight: Int = 1, subject: String = "", preheader: String = "",
            blocks: [EmailBlock] = [], body: String = "", link: String = "", provider: ProviderTemplate? = nil
        ) {
            self.name = name
            self.weight = weight
            self.subject = subject
            self.preheader = preheader
            self.blocks = blocks
            self.body = body
            self.link = link
            self.provider = provider
        }

        private enum CodingKeys: String, CodingKey {
            case name, weight, subject, preheader, blocks, body, link, provider
        }

        package init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            self.init(
                name: try fields.text(.name, orElse: "A"),
                weight: try fields.decodeIfPresent(Int.self, forKey: .weight) ?? 1, subject: try fields.text(.subject),
                preheader: try fields.text(.preheader),
                blocks: try fields.decodeIfPresent([EmailBlock].self, forKey: .blocks) ?? [],
                body: try fields.text(.body), link: try fields.text(.link),
                provider: try fields.decodeIfPresent(ProviderTemplate.self, forKey: .provider))
        }
    }

    package var variants: [Variant]

    /// Whether a word stands anywhere in it, so that a name can be in use.
    func mentions(_ word: String) -> Bool {
        func mention(_ blocks: [EmailBlock]) -> Bool {
            blocks.contains { block in
                block.told.contains(word) || block.sources.contains { $0.source.contains(word) }
                    || block.columns.contains(where: mention)
            }
        }
        return variants.contains { variant in
            mention(variant.blocks)
                || [variant.subject, variant.preheader, variant.body, variant.link].contains { $0.contains(word) }
                || variant.provider?.sources.contains { $0.source.contains(word) } ?? false
        }
    }

    package init(variants: [Variant] = [Variant()]) {
        self.variants = variants
    }

    /// The variant of a person: by a hash, so that it is the same each time.
    package func variant(of profileID: Int64, template: Int64) -> Variant? {
        let weights = variants.map { Int64(max(0, $0.weight)) }
        guard weights.contains(where: { $0 > 0 }) else { return variants.first }
        let salt = Assignment.salt(of: "template:\(template)")
        return variants[Assignment.variant(salt: salt, profile: profileID, weights: weights)]
    }
}

extension KeyedDecodingContainer {
    /// A text that may be missing.
    func text(_ key: Key, orElse usual: String = "") throws -> String {
        try decodeIfPresent(String.self, forKey: key) ?? usual
    }
}
