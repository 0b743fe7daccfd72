/// A kind of identity: how strong it is, how many of it one person may have, and how its values are written.
///
/// To add a kind, add a line to `catalogue`. Kinds that are not listed are accepted, left unlinked and flagged.
package struct IdentityKind: Sendable {
    package var name: String
    /// The strongest claim of an event decides whose event it is.
    package var priority: Int
    /// Knows the person, and not only a device or a browser.
    package var isKnown: Bool
    /// People type it, so that anyone can claim it: it merges known people only when somebody vouches for it.
    package var needsVerification: Bool
    /// How many of this kind one profile may have; beyond it a claim is demoted.
    package var limit: Int
    var form: Form

    enum Form: Sendable {
        case verbatim, lowercased, email, phone
    }

    private init(
        _ name: String, _ priority: Int, known: Bool, needsVerification: Bool = false, limit: Int,
        form: Form = .verbatim
    ) {
        self.name = name
        self.priority = priority
        self.isKnown = known
        self.needsVerification = needsVerification
        self.limit = limit
        self.form = form
    }

    package static let userID = "user_id"
    package static let phone = "phone"
    package static let email = "email"
    package static let anonymousID = "anonymous_id"
    package static let wechatUnionID = "wechat_unionid"
    package static let wechatOpenID = "wechat_openid"
    package static let deviceID = "device_id"
    /// Addresses a profile by its own id; believed only from trusted sources, never stored.
    package static let profileID = "profile_id"

    /// Values are at most this long, in UTF-8 bytes.
    package static let valueBytes = 255

    /// Every kind that is linked, strongest first.
    package static let catalogue: [IdentityKind] = [
        IdentityKind(userID, 100, known: true, limit: 3),
        IdentityKind("member_id", 95, known: true, limit: 3),
        // Across the apps of one WeChat developer account, and per app (`appid:openid`).
        IdentityKind(wechatUnionID, 90, known: true, limit: 3),
        IdentityKind(phone, 80, known: true, needsVerification: true, limit: 5, form: .phone),
        IdentityKind(email, 70, known: true, needsVerification: true, limit: 5, form: .email),
        IdentityKind(wechatOpenID, 60, known: true, limit: 20),
        IdentityKind("wecom_external_id", 58, known: true, limit: 10),
        IdentityKind("alipay_openid", 56, known: true, limit: 10),
        IdentityKind("douyin_openid", 54, known: true, limit: 10),
        IdentityKind("device_id", 30, known: false, limit: 50),
        IdentityKind("idfa", 28, known: false, limit: 50, form: .lowercased),
        IdentityKind("idfv", 26, known: false, limit: 50, form: .lowercased),
        IdentityKind("oaid", 24, known: false, limit: 50),
        IdentityKind("android_id", 22, known: false, limit: 50, form: .lowercased),
        IdentityKind("cookie_id", 12, known: false, limit: 200),
        IdentityKind(anonymousID, 10, known: false, limit: 200),
    ]

    private static let byName = Dictionary(uniqueKeysWithValues: catalogue.map { ($0.name, $0) })

    /// The kind of that name; nil for one that is not known.
    package static func named(_ name: String) -> IdentityKind? {
        byName[name]
    }

    /// The value as it is stored and compared; nil when it is no value of this kind.
    package func normalise(_ value: String, defaultCountry: String) -> String? {
        let trimmed = Whitespace.trim(value)
        guard !trimmed.isEmpty, trimmed.utf8.count <= Self.valueBytes else { return nil }
        switch form {
        case .verbatim: return trimmed
        case .lowercased: return trimmed.lowercased()
        case .email: return EmailAddress.normalise(trimmed)
        case .phone: return PhoneNumber.normalise(trimmed, defaultCountry: defaultCountry)
        }
    }
}
