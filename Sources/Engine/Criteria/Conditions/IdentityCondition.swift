import Storage

/// Whether the person is known by a kind of identity: `{"kind": "identity", "identity": "phone"}`; `"any_known"` stands
/// for being identified at all.
package struct IdentityCondition: CriteriaCondition {
    package static let kind = "identity"
    static let anyKnown = "any_known"
    static let kinds = [
        "any_known", "user_id", "phone", "email", "wechat_openid", "wechat_unionid", "anonymous_id",
    ]
    package static let form = CriteriaForm(
        "profile", "身份标识", "Identity",
        [
            .init(
                "identity", "choice", "已有", "known by",
                choices: [
                    .init("any_known", "任一实名标识", "any known identity"), .init("user_id", "用户 ID", "user id"),
                    .init("phone", "手机号", "phone"), .init("email", "邮箱", "email"),
                    .init("wechat_openid", "微信 OpenID", "WeChat OpenID"),
                    .init("wechat_unionid", "微信 UnionID", "WeChat UnionID"),
                    .init("anonymous_id", "匿名 ID", "anonymous id"),
                ])
        ])

    package var identity: String

    package init(_ reader: CriteriaReader) { identity = reader.text("identity") }

    package var json: [String: JSONValue] { ["identity": .string(identity)] }

    package func holds(for subject: CriteriaSubject, _ clock: CriteriaClock) -> Bool {
        identity == Self.anyKnown ? subject.profile.isIdentified : subject.identityKinds.contains(identity)
    }

    package func sql(_ compiler: inout CriteriaCompiler) -> AnalyticsSQL {
        compiler.profile(identity == Self.anyKnown ? "identified = 1" : "has(identity_kinds, \(identity))")
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        if identity == Self.anyKnown { return phrases.language("已实名", "is identified") }
        return phrases.language("有身份标识 \(identity)", "is known by \(identity)")
    }

    package func finding(_ subject: CriteriaSubject, _ clock: CriteriaClock, _ phrases: CriteriaPhrases) -> String {
        let kinds = subject.identityKinds.sorted().joined(separator: phrases.language("、", ", "))
        return kinds.isEmpty ? phrases.language("没有", "none") : kinds
    }
}
