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
        let text = { (key: CodingKeys) in try fields.decodeIfPresent(String.self, forKey: key) ?? "" }
        self.init(
            try fields.decode(Kind.self, forKey: .kind), text: try text(.text), url: try text(.url),
            image: try text(.image), value: try text(.value), when: try text(.when),
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

        package init(
            name: String = "A", weight: Int = 1, subject: String = "", preheader: String = "",
            blocks: [EmailBlock] = [], body: String = "", link: String = ""
        ) {
            self.name = name
            self.weight = weight
            self.subject = subject
            self.preheader = preheader
            self.blocks = blocks
            self.body = body
            self.link = link
        }

        private enum CodingKeys: String, CodingKey {
            case name, weight, subject, preheader, blocks, body, link
        }

        package init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            let text = { (key: CodingKeys) in try fields.decodeIfPresent(String.self, forKey: key) ?? "" }
            self.init(
                name: try fields.decodeIfPresent(String.self, forKey: .name) ?? "A",
                weight: try fields.decodeIfPresent(Int.self, forKey: .weight) ?? 1, subject: try text(.subject),
                preheader: try text(.preheader),
                blocks: try fields.decodeIfPresent([EmailBlock].self, forKey: .blocks) ?? [], body: try text(.body),
                link: try text(.link))
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
        }
    }

    package init(variants: [Variant] = [Variant()]) {
        self.variants = variants
    }

    /// The variant of a person: by a hash, so that it is the same each time.
    package func variant(of profileID: Int64, template: Int64) -> Variant? {
        let whole = variants.reduce(0) { $0 + max(0, $1.weight) }
        guard whole > 0 else { return variants.first }
        var draw = Int(StableHashing.draw("\(template):\(profileID)", below: UInt64(whole)))
        for variant in variants {
            draw -= max(0, variant.weight)
            if draw < 0 { return variant }
        }
        return variants.last
    }
}
