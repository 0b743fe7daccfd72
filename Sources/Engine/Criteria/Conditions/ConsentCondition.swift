import Storage

/// What the person said about a channel: `{"kind": "consent", "channel": "sms", "is": "granted"}`; or `denied`,
/// `unknown`.
package struct ConsentCondition: CriteriaCondition {
    package static let kind = "consent"
    package static let form = CriteriaForm(
        "profile", "同意", "Consent",
        [
            .init(
                "channel", "choice",
                choices: [
                    .init("email", "邮件", "email"), .init("sms", "短信", "SMS"),
                    .init("whatsapp", "WhatsApp", "WhatsApp"), .init("wechat", "微信", "WeChat"),
                    .init("push", "推送", "push"), .init("phone", "电话", "phone"),
                ]),
            .init(
                "is", "choice",
                choices: [
                    .init("granted", "已同意", "granted"), .init("denied", "已拒绝", "denied"),
                    .init("unknown", "未表态", "unknown"),
                ]),
        ])

    enum Answer: String, CaseIterable { case granted, denied, unknown }

    private var channel: String
    private var answer: Answer

    package init(_ reader: CriteriaReader) {
        channel = reader.text("channel")
        if !channel.isEmpty, !Consent.channels.contains(channel) {
            reader.note("channel", .unknownChoice(channel, allowed: Consent.channels))
        }
        answer = reader.choice("is") ?? .granted
    }

    package var json: [String: JSONValue] {
        ["channel": .string(channel), "is": .string(answer.rawValue)]
    }

    package var claim: CriteriaClaim { CriteriaClaim("consent \(channel)", .words([answer.rawValue])) }

    package func holds(for subject: CriteriaSubject, _ clock: CriteriaClock) -> Bool {
        answer == given(subject)
    }

    private func given(_ subject: CriteriaSubject) -> Answer {
        subject.consent[channel].map { $0 ? .granted : .denied } ?? .unknown
    }

    package func sql(_ compiler: inout CriteriaCompiler) -> AnalyticsSQL {
        switch answer {
        case .granted: compiler.profile("has(consent_granted, \(channel))")
        case .denied: compiler.profile("has(consent_denied, \(channel))")
        case .unknown:
            compiler.profile("NOT has(consent_granted, \(channel)) AND NOT has(consent_denied, \(channel))")
        }
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        phrases.language("\(channel)\(Self.name(answer, phrases.language))", "\(channel) consent is \(answer.rawValue)")
    }

    package func finding(_ subject: CriteriaSubject, _ clock: CriteriaClock, _ phrases: CriteriaPhrases) -> String {
        Self.name(given(subject), phrases.language)
    }

    private static func name(_ answer: Answer, _ language: CriteriaLanguage) -> String {
        switch answer {
        case .granted: language("已同意", "granted")
        case .denied: language("已拒绝", "denied")
        case .unknown: language("未表态", "unknown")
        }
    }
}
