/// What an error of a provider means: a line of its table, which answers, receipts and the setup page all read.
package struct ProviderFault: Sendable, Equatable {
    package enum Meaning: Sendable, Equatable {
        /// Not now: after a pause of its own, or after the usual waits.
        case retry(Pause? = nil)
        /// Never again to this address, and why: `no_such_address`, `blacklisted`, `opted_out`.
        case suppress(String)
        /// Not reached; when it goes on so, never again.
        case suppressRepeated
        /// Nothing more goes out, by this account or of this template, until it is put right.
        case pause(MessageClosure)
        /// This one message is refused, and why: `refused`, `window_closed`.
        case refuse(String = "refused")
    }

    package enum Pause: Sendable, Equatable {
        case minutes(Int64)
        case hours(Int64)
        /// The next time that clocks so many hours before Greenwich show this hour.
        case morning(hour: Int64, hoursEast: Int64)
    }

    /// As the provider writes it; `InternalError.*` stands for all that begin so.
    package var code: String
    package var meaning: Meaning

    package init(_ code: String, _ meaning: Meaning) {
        self.code = code
        self.meaning = meaning
    }
}

extension [ProviderFault] {
    /// The line of a code: the same, or the longest beginning.
    package func meaning(of code: String) -> ProviderFault.Meaning? {
        if let line = first(where: { $0.code == code }) { return line.meaning }
        return filter { $0.code.hasSuffix("*") && code.hasPrefix($0.code.dropLast()) }
            .max { $0.code.count < $1.code.count }?.meaning
    }

    /// What becomes of a message whose provider answered with a code. A code that no line knows refuses the message.
    package func outcome(of code: String, detail: String, at now: Timestamp) -> MessageOutcome {
        let detail = String(detail.prefix(500))
        switch meaning(of: code) ?? .refuse() {
        case .retry(let pause):
            return .retry(reason: "deferred", detail: detail, after: pause?.milliseconds(after: now))
        case .suppress(let reason): return .bounced(reason: reason, detail: detail, suppresses: true)
        case .suppressRepeated:
            return .bounced(reason: MessageProgress.notReached, detail: detail, suppresses: false)
        case .pause(let closure): return .closed(reason: "refused", detail: detail, closure)
        case .refuse(let reason): return .bounced(reason: reason, detail: detail, suppresses: false)
        }
    }
}

extension ProviderFault.Pause {
    private static let hour: Int64 = 3_600_000
    private static let day: Int64 = 24 * hour

    func milliseconds(after now: Timestamp) -> Int64 {
        switch self {
        case .minutes(let minutes): return minutes * 60_000
        case .hours(let hours): return hours * Self.hour
        case .morning(let hour, let hoursEast):
            let local = (now.milliseconds + hoursEast * Self.hour) % Self.day
            let wait = hour * Self.hour - local
            return wait > 0 ? wait : wait + Self.day
        }
    }
}
