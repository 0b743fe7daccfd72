import Engine

/// The form of one variant: between what is posted and what is stored. Fields are named by the block's place: `b3_text`.
enum TemplateForm {
    /// One of the columns as the form knows it: a picture, a text, a button.
    struct Column: Encodable, Sendable {
        /// What its fields begin with.
        var name: String
        var number: String
        var image = ""
        var text = ""
        var label = ""
        var url = ""
    }

    struct Block: Encodable, Sendable {
        var index: String
        var kind: String
        var title: String
        var text: String
        var url: String
        var image: String
        var value: String
        var when: String
        var isConditional: Bool
        var textLabel: String
        var hasText: Bool
        var hasURL: Bool
        var hasImage: Bool
        var hasValue: Bool
        var isLong: Bool
        var valueLabel: String
        var columns: [Column]
        var hasColumns: Bool
        /// Columns that this form cannot show: made over the API, kept as they are.
        var isForeign: Bool
        var isFirst: Bool
        var isLast: Bool
    }

    static let columnCount = 2

    static func block(_ block: EmailBlock, at index: Int, of count: Int, _ request: PageRequest) -> Block {
        let kind = block.kind
        let side = kind == .columns ? columns(of: block, at: index) : []
        return Block(
            index: String(index), kind: kind.rawValue, title: request.text("template.block_\(kind.rawValue)"),
            text: block.text, url: block.url, image: block.image, value: block.value, when: block.when,
            isConditional: !block.when.isEmpty,
            textLabel: request.text(kind == .image ? "template.alt" : "template.text"),
            hasText: kind != .divider && kind != .columns,
            hasURL: [.image, .button, .product, .coupon, .points, .tier].contains(kind),
            hasImage: kind == .image || kind == .product,
            hasValue: [.product, .coupon, .points, .tier].contains(kind), isLong: kind == .text || kind == .footer,
            valueLabel: request.text(kind == .product ? "template.price" : "template.value"), columns: side ?? [],
            hasColumns: side != nil && kind == .columns, isForeign: side == nil, isFirst: index == 0,
            isLast: index == count - 1)
    }

    /// Nil for columns with anything but a picture, a text and a button.
    private static func columns(of block: EmailBlock, at place: Int) -> [Column]? {
        var found: [Column] = []
        for (index, inner) in block.columns.enumerated() {
            var column = Column(name: "b\(place)_c\(index)", number: String(index + 1))
            var kinds: Set<EmailBlock.Kind> = []
            for part in inner {
                guard kinds.insert(part.kind).inserted, part.when.isEmpty else { return nil }
                switch part.kind {
                case .image: column.image = part.image
                case .text: column.text = part.text
                case .button: (column.label, column.url) = (part.text, part.url)
                default: return nil
                }
            }
            found.append(column)
        }
        while found.count < columnCount {
            found.append(Column(name: "b\(place)_c\(found.count)", number: String(found.count + 1)))
        }
        return found.count == columnCount ? found : nil
    }

    /// The variant that a form describes. `before`: as it is stored, for what the form does not show.
    static func variant(_ form: Fields, before: TemplateContent.Variant) -> TemplateContent.Variant {
        var variant = before
        variant.subject = form.text("subject")
        variant.preheader = form.text("preheader")
        variant.body = form["body"] ?? before.body
        variant.link = form["link"] ?? before.link
        variant.weight = min(max(Int(form.int("weight") ?? Int64(before.weight)), 0), 1_000)
        let name = String(form.text("variant_name").prefix(40))
        if !name.isEmpty { variant.name = name }
        let count = min(Int(form.int("blocks") ?? 0), TemplateLimits.blocks)
        variant.blocks = (0..<max(count, 0)).compactMap { index in
            let field = { (name: String) in form.text("b\(index)_\(name)") }
            guard let kind = EmailBlock.Kind(rawValue: field("kind")) else { return nil }
            var block = EmailBlock(
                kind, text: field("text"), url: field("url"), image: field("image"), value: field("value"),
                when: field("when"))
            if kind == .columns {
                block.columns =
                    field("foreign") == "1" && before.blocks.indices.contains(index)
                    ? before.blocks[index].columns : (0..<columnCount).map { column(form, index, $0) }
            }
            return block
        }
        return variant
    }

    private static func column(_ form: Fields, _ block: Int, _ column: Int) -> [EmailBlock] {
        let field = { (name: String) in form.text("b\(block)_c\(column)_\(name)") }
        var parts: [EmailBlock] = []
        if !field("image").isEmpty { parts.append(EmailBlock(.image, image: field("image"))) }
        if !field("text").isEmpty { parts.append(EmailBlock(.text, text: field("text"))) }
        if !field("label").isEmpty { parts.append(EmailBlock(.button, text: field("label"), url: field("url"))) }
        return parts
    }

    /// What a button asks for: `add:text`, `up:3`, `down:3`, `remove:3`. Returns which block to look at.
    static func act(_ word: String, on blocks: inout [EmailBlock], _ request: PageRequest) -> Int? {
        let parts = word.split(separator: ":")
        guard parts.count == 2 else { return nil }
        if parts[0] == "add", let kind = EmailBlock.Kind(rawValue: String(parts[1])) {
            // A footer stays at the end.
            let place = blocks.last?.kind == .footer && kind != .footer ? blocks.count - 1 : blocks.count
            blocks.insert(starter(kind, request), at: place)
            return place
        }
        guard let index = Int(parts[1]), blocks.indices.contains(index) else { return nil }
        switch parts[0] {
        case "up" where index > 0:
            blocks.swapAt(index, index - 1)
            return index - 1
        case "down" where index < blocks.count - 1:
            blocks.swapAt(index, index + 1)
            return index + 1
        case "remove":
            blocks.remove(at: index)
            return max(0, index - 1)
        default: return index
        }
    }

    static func starter(_ kind: EmailBlock.Kind, _ request: PageRequest) -> EmailBlock {
        switch kind {
        case .heading: EmailBlock(.heading, text: request.text("template.start_heading"))
        case .text: EmailBlock(.text, text: request.text("template.start_text"))
        case .button: EmailBlock(.button, text: request.text("template.start_button"))
        case .product:
            EmailBlock(
                .product, text: "{{ event.name }}", url: "{{ event.url }}", image: "{{ event.image_url }}",
                value: "{{ event.price }}")
        case .coupon: EmailBlock(.coupon, text: request.text("template.start_coupon"))
        case .points: EmailBlock(.points, text: request.text("template.start_points"))
        case .tier: EmailBlock(.tier, text: request.text("template.start_tier"))
        case .columns: EmailBlock(.columns, columns: [[], []])
        case .footer: EmailBlock(.footer, text: request.text("template.start_footer"))
        case .image, .divider: EmailBlock(kind)
        }
    }
}
