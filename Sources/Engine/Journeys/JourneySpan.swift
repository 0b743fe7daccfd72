/// A length of time as people say it: 3 days. Days and weeks are of 24 hours; what has to happen at a local hour says so.
package struct JourneySpan: Sendable, Equatable {
    package enum Unit: String, Sendable, CaseIterable {
        case minutes, hours, days, weeks

        var milliseconds: Int64 {
            switch self {
            case .minutes: 60_000
            case .hours: 3_600_000
            case .days: 86_400_000
            case .weeks: 604_800_000
            }
        }
    }

    package var amount: Int64
    package var unit: Unit

    package init(_ amount: Int64, _ unit: Unit) {
        self.amount = amount
        self.unit = unit
    }

    /// What may be left out.
    init(_ reader: CriteriaReader, orElse usual: JourneySpan) {
        if reader.has("amount") {
            self.init(reader)
        } else {
            self = usual
            _ = reader.value("unit")
        }
    }

    init(_ reader: CriteriaReader) {
        amount = reader.whole("amount", in: 1...100_000)
        unit = reader.choice("unit") ?? .days
        if milliseconds > JourneyLimits.waitDays * Timestamp.millisecondsPerDay {
            reader.note("amount", .outOfRange("1…\(JourneyLimits.waitDays) days"))
        }
    }

    var milliseconds: Int64 { amount * unit.milliseconds }

    var json: [String: JSONValue] { ["amount": .integer(amount), "unit": .string(unit.rawValue)] }

    func words(_ language: CriteriaLanguage) -> String {
        let chinese = [Unit.minutes: "分钟", .hours: "小时", .days: "天", .weeks: "周"]
        let english = EnglishCount.text(amount, String(unit.rawValue.dropLast()), unit.rawValue)
        return language("\(amount) \(chinese[unit] ?? "")", english)
    }
}
