import Engine

/// One provider: its account, what it has left, what it approved, and what its errors mean.
struct ProviderModel: PageModel {
    struct Field: Encodable, Sendable {
        var key: String
        var label: String
        var hint: String?
        var value: String
        var isText: Bool
        var isLong: Bool
        /// How long it may be, and how long it is.
        var bytesMax: Bytes?
        var isSecret: Bool
        var isChoice: Bool
        var choices: [Choice]
        var isKept: Bool
        /// Whether a secret was typed that the page does not show again.
        var isLost: Bool
        /// Why it was refused.
        var problem: String?

        struct Bytes: Encodable, Sendable {
            var limit: String
            var said: String
            var used: String
        }
    }

    struct Fact: Encodable, Sendable {
        var label: String
        var value: String
    }

    struct Template: Encodable, Sendable {
        var kind: String
        var name: String
        var code: String
        var text: String?
        var status: String
        var tone: String
        var detail: String?
    }

    struct Fault: Encodable, Sendable {
        var title: String
        var hint: String
        var codes: [Code]

        struct Code: Encodable, Sendable {
            var code: String
            var note: String?
        }
    }

    struct Closed: Encodable, Sendable {
        var text: String
    }

    /// A template to hand in, as it was typed.
    struct Draft: Encodable, Sendable {
        var name: String
        var text: String
        var examples: String
        var language: String
        var remark: String
        var header: String
        var headerExample: String
        var buttonLabel: String
        var buttonURL: String
        var buttonExample: String
        /// Why it was not handed in.
        var problem: String?
    }

    var name: String
    var action: String
    var lead: String
    var fields: [Field]
    var enabled: String?
    var hasBaseURL: Bool
    var baseURL: String
    var perSecond: String
    var price: String
    var currency: String
    var isTyped = false
    var isComplete: Bool
    var mayCheck = false
    var receiptsURL: String?
    var snippet: String?
    var closed: [Closed]
    var hasClosed: Bool
    var facts: [Fact]
    var hasFacts: Bool
    var hasTemplates: Bool
    var templates: [Template]
    var anyTemplates = false
    var fetched: String
    var maySubmit: Bool
    var needsExamples: Bool
    var categories: [Choice]
    var draft: Draft
    var trialTo: String
    var trialLabel: String
    var trialPlaceholder: String?
    var trialHint: String
    var trialChoices: [Choice]
    var hasSignature: Bool
    var trialSignature: String
    var trialParameters: String
    var trialText: String
    var needsTemplate: Bool
    /// Pages of its own.
    var links: [Choice]
    var faults: [Fault]
    var said: String?
    var problem: String?
}

/// How a provider's account and answers read to people.
enum ProviderWords {
    static func problem(_ error: any Error, _ request: PageRequest) -> String? {
        switch error {
        case ProviderError.missingField(let key):
            request.text("provider.problem_missing", ["field": label(key, request)])
        case ProviderError.badField(let key): request.text("provider.problem_bad", ["field": label(key, request)])
        case ProviderError.tooLong(let key, let bytes, let most):
            request.text(
                "provider.problem_long",
                [
                    "field": label(key, request), "bytes": request.wording.number(bytes),
                    "most": request.wording.number(most),
                ])
        case ProviderError.missingBeside(let key, let other):
            request.text(
                "provider.problem_beside", ["field": label(key, request), "other": label(other, request)])
        case ProviderError.secretsAgain(let keys):
            request.text(
                "provider.problem_secrets_again",
                ["fields": keys.map { label($0, request) }.joined(separator: request.text("person.separator"))])
        case ProviderError.notSetUp: request.text("provider.problem_not_set_up")
        case ProviderError.notOffered: request.text("provider.problem_not_offered")
        case ProviderError.refused(let code, let words):
            request.text("provider.problem_refused", ["answer": code.isEmpty ? words : "\(code): \(words)"])
        case ProviderError.unreachable(let words):
            request.text("provider.problem_unreachable", ["answer": request.wording.network(words)])
        case MessageError.badAddress(let address): request.text("sending.problem_address", ["address": address])
        case is SealError: request.text("provider.problem_sealed")
        default: nil
        }
    }

    /// The field that is at fault, if it is one.
    static func field(_ error: any Error) -> String? {
        switch error {
        case ProviderError.missingField(let key), ProviderError.badField(let key),
            ProviderError.tooLong(let key, _, _), ProviderError.missingBeside(let key, _):
            key
        default: nil
        }
    }

    private static func label(_ key: String, _ request: PageRequest) -> String {
        request.text("provider.field_\(key.split(separator: ".").last.map(String.init) ?? key)")
    }

    /// What became of a trial: what it says, and whether it went out.
    static func outcome(_ outcome: MessageOutcome, _ request: PageRequest) -> (String, isGood: Bool) {
        func bad(_ key: String, _ detail: String) -> (String, isGood: Bool) {
            (request.text(key, ["answer": request.wording.network(detail)]), false)
        }
        return switch outcome {
        case .sent("", _, _), .delivered: (request.text("provider.trial_taken"), true)
        case .sent(let id, _, _): (request.text("provider.trial_sent", ["answer": id]), true)
        case .retry(_, let detail, _): bad("provider.trial_retry", detail)
        case .bounced(let reason, let detail, _):
            bad(
                "provider.trial_refused",
                detail.isEmpty ? request.wording.known("message.reason_\(reason)") ?? reason : detail)
        case .closed(_, let detail, _): bad("provider.trial_closed", detail)
        case .unknown(let detail): bad("provider.trial_unknown", detail)
        }
    }

    /// The provider's table, by what is done.
    static func faults(_ faults: [ProviderFault], _ request: PageRequest) -> [ProviderModel.Fault] {
        ["retry", "suppress", "pause"].compactMap { group in
            let codes = faults.compactMap { fault -> ProviderModel.Fault.Code? in
                let (place, note): (String, String?) =
                    switch fault.meaning {
                    case .retry(nil): ("retry", nil)
                    case .retry(.minutes(let count)?):
                        ("retry", request.text("provider.note_minutes", ["count": request.wording.number(count)]))
                    case .retry(.hours(let count)?):
                        ("retry", request.text("provider.note_hours", ["count": request.wording.number(count)]))
                    case .retry(.morning(let hour, _)?):
                        ("retry", request.text("provider.note_morning", ["hour": request.wording.number(hour)]))
                    case .suppress(let reason): ("suppress", request.text("message.reason_\(reason)"))
                    case .suppressRepeated: ("suppress", request.text("provider.note_repeated"))
                    case .pause(let closure):
                        (
                            "pause",
                            closure == .template ? request.text("provider.note_template") : nil
                        )
                    case .refuse: ("refuse", nil)
                    }
                return place == group ? ProviderModel.Fault.Code(code: fault.code, note: note) : nil
            }
            guard !codes.isEmpty else { return nil }
            return ProviderModel.Fault(
                title: request.text("provider.fault_\(group)"), hint: request.text("provider.fault_hint_\(group)"),
                codes: codes)
        }
    }
}
