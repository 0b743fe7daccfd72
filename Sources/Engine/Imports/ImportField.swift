/// What a column can stand for. The words are those of `--map` and of the console's form.
package enum ImportField: Sendable, Hashable {
    /// One of the words of `IdentityKind`: `user_id`, `phone`, `email`, …
    case identity(String)
    case time
    case orderID
    /// What this row cost: the order when an order is one row, else the line; rows of an order are added up.
    case amount
    /// What the whole order cost, repeated on each of its rows.
    case total
    case currency
    case quantity
    case sku
    case product
    /// Of one piece.
    case price
    case category
    case discount
    case coupon
    case store
    case channel
    /// Completed, refunded or cancelled, in English or Chinese words.
    case status
    /// What was given back, as an amount.
    case refunded
    case refundTime
    /// A whole list of products (JSON Lines only), with Segment's names.
    case products
    /// The name of an event.
    case event
    case messageID
    /// Segment's call: `track`, `identify`, `page`, `screen`.
    case call
    /// Whole objects (JSON Lines, or JSON text in a cell).
    case properties
    case traits
    case context
    /// Tags of a person by name or path: a list of JSON, or texts with `,`, `;` or `|` between them.
    case tags
    /// Since when somebody is a member.
    case enrolledAt
    /// The code of a tier, and its last day.
    case tier
    case tierUntil
    /// One lot of points: how many, and of which day, until when, from where, under which key.
    case points
    case earnedAt
    case expiresAt
    case lotSource
    case lotKey
    /// A coupon that is held: of which definition (`coupon`), its code, and its last day.
    case couponCode
    case couponUntil
    /// A trait of profiles, a property of orders and events, under this name.
    case custom(String)
}

extension ImportField {
    /// Identity kinds that a column may carry; `customer` is another word for `user_id`.
    package static let identityKinds = [
        "user_id", "member_id", "phone", "email", "wechat_unionid", "wechat_openid", "wecom_external_id",
        "alipay_openid", "douyin_openid", "device_id", "anonymous_id",
    ]

    private static let orderWords: [(String, ImportField)] = [
        ("time", .time), ("order_id", .orderID), ("amount", .amount), ("total", .total), ("currency", .currency),
        ("quantity", .quantity), ("sku", .sku), ("product", .product), ("price", .price), ("category", .category),
        ("discount", .discount), ("coupon", .coupon), ("store", .store), ("channel", .channel), ("status", .status),
        ("refunded", .refunded), ("refund_time", .refundTime), ("products", .products), ("message_id", .messageID),
    ]
    private static let profileWords: [(String, ImportField)] = [("time", .time), ("traits", .traits), ("tags", .tags)]
    private static let memberWords: [(String, ImportField)] = [
        ("enrolled_at", .enrolledAt), ("tier", .tier), ("tier_until", .tierUntil), ("points", .points),
        ("currency", .currency), ("earned_at", .earnedAt), ("expires_at", .expiresAt), ("source", .lotSource),
        ("key", .lotKey),
        ("coupon", .coupon), ("coupon_code", .couponCode), ("coupon_until", .couponUntil), ("traits", .traits),
    ]
    private static let eventWords: [(String, ImportField)] = [
        ("event", .event), ("time", .time), ("message_id", .messageID), ("call", .call), ("properties", .properties),
        ("traits", .traits), ("context", .context),
    ]

    private static func words(of kind: ImportKind) -> [(String, ImportField)] {
        switch kind {
        case .orders: orderWords
        case .profiles: profileWords
        case .members: memberWords
        case .events: eventWords
        }
    }

    /// Every word that a mapping for this kind understands besides free names, in the order of a form.
    package static func words(for kind: ImportKind) -> [String] {
        identityKinds + words(of: kind).map(\.0)
    }

    /// The field of a mapping's left side: a known word, or the free name of a trait or property.
    package init(word: String, kind: ImportKind) {
        if word == "customer" {
            self = .identity("user_id")
        } else if ImportField.identityKinds.contains(word) {
            self = .identity(word)
        } else if word == "date" {
            self = .time
        } else if let known = ImportField.words(of: kind).first(where: { $0.0 == word }) {
            self = known.1
        } else {
            let prefixes = ["trait:", "property:"]
            let prefix = prefixes.first { word.hasPrefix($0) } ?? ""
            self = .custom(String(word.dropFirst(prefix.count)))
        }
    }

    /// The word that `init(word:kind:)` reads back.
    package func word(for kind: ImportKind) -> String {
        switch self {
        case .identity(let kind): return kind
        case .custom(let name):
            let isTaken = ImportField(word: name, kind: kind) != self
            return isTaken ? (kind == .profiles || kind == .members ? "trait:" : "property:") + name : name
        default: return ImportField.words(of: kind).first { $0.1 == self }?.0 ?? ""
        }
    }
}

extension ImportField {
    /// A small number for each field without a name, so that rows need no hashing; nil for identities and free names.
    var slot: Int? {
        switch self {
        case .identity, .custom: nil
        case .time: 0
        case .orderID: 1
        case .amount: 2
        case .total: 3
        case .currency: 4
        case .quantity: 5
        case .sku: 6
        case .product: 7
        case .price: 8
        case .category: 9
        case .discount: 10
        case .coupon: 11
        case .store: 12
        case .channel: 13
        case .status: 14
        case .refunded: 15
        case .refundTime: 16
        case .products: 17
        case .event: 18
        case .messageID: 19
        case .call: 20
        case .properties: 21
        case .traits: 22
        case .context: 23
        case .tags: 24
        case .enrolledAt: 25
        case .tier: 26
        case .tierUntil: 27
        case .points: 28
        case .earnedAt: 29
        case .expiresAt: 30
        case .lotSource: 31
        case .lotKey: 32
        case .couponCode: 33
        case .couponUntil: 34
        }
    }

    static let slotCount = 35
}
