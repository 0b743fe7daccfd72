import Engine
import Foundation

/// What the form says, and how a definition looks in it.
enum ExperimentForm {
    static let variantsShown = 8

    /// The name of each metric's fields: `p`, `g0`, `s0`, …
    static func slots(_ letter: String) -> [String] {
        letter == "p" ? ["p"] : (0..<ExperimentLimits.metricsMax).map { "\(letter)\($0)" }
    }

    static func fields(_ definition: ExperimentDefinition) -> Fields {
        var pairs: [(name: String, value: String)] = [
            ("name", definition.name), ("hypothesis", definition.hypothesis), ("criteria", definition.audience),
            ("rule", definition.rule.rawValue), ("confidence", String(definition.confidence)),
            ("planned", definition.plannedPeople == 0 ? "" : String(definition.plannedPeople)),
            ("pre_days", definition.preDays == 0 ? "" : String(definition.preDays)),
            ("allocation", definition.allocation.rawValue),
            ("least_share", definition.allocation == .bandit ? String(definition.leastShare) : ""),
        ]
        for (index, variant) in definition.variants.enumerated() {
            pairs += [
                ("key_\(index)", variant.key), ("called_\(index)", variant.name == variant.key ? "" : variant.name),
                ("weight_\(index)", String(variant.weight)),
            ]
        }
        func add(_ slot: String, _ metric: ExperimentMetric) {
            pairs += [
                ("kind_\(slot)", metric.kind.rawValue), ("event_\(slot)", metric.eventText),
                ("window_\(slot)", String(metric.windowDays)),
                ("from_\(slot)", metric.kind == .retention ? String(metric.fromDay) : ""),
                ("less_\(slot)", metric.isLessBetter ? "1" : ""),
            ]
        }
        add("p", definition.primary)
        for (slot, metric) in zip(slots("g"), definition.guardrails) { add(slot, metric) }
        for (slot, metric) in zip(slots("s"), definition.secondary) { add(slot, metric) }
        return Fields(pairs)
    }

    /// Throws: `ExperimentError` naming what cannot be used.
    static func definition(_ form: Fields) throws -> ExperimentDefinition {
        var members: [String: JSONValue] = [
            "name": .string(form.text("name")), "hypothesis": .string(form.text("hypothesis")),
            "rule": .string(form.text("rule")), "confidence": number(form.text("confidence")),
            "planned_people": number(form.text("planned")), "pre_days": number(form.text("pre_days")),
        ]
        if form["allocation"] != nil {
            members["allocation"] = .string(form.text("allocation"))
            members["least_share"] = number(form.text("least_share"))
        }
        members["variants"] = .array(
            (0..<variantsShown).compactMap { index -> JSONValue? in
                let key = form.text("key_\(index)").trimmed
                guard !key.isEmpty else { return nil }
                let weight = form.text("weight_\(index)").trimmed
                return [
                    "key": .string(key), "name": .string(form.text("called_\(index)")),
                    "weight": weight.isEmpty ? 1 : number(weight, orElse: 0),
                ]
            })
        if !form.text("criteria").isEmpty {
            do {
                members["audience"] = try JSONValue(parsing: form.text("criteria"))
            } catch {
                throw ExperimentError.invalid(field: "audience", reason: "must be JSON")
            }
        }
        members["primary"] = try metric(form, "p") ?? .null
        members["guardrails"] = .array(try slots("g").compactMap { try metric(form, $0) })
        members["secondary"] = .array(try slots("s").compactMap { try metric(form, $0) })
        return try ExperimentDefinition(.object(members))
    }

    private static func metric(_ form: Fields, _ slot: String) throws -> JSONValue? {
        let kind = form.text("kind_\(slot)")
        guard !kind.isEmpty else { return nil }
        var members: [String: JSONValue] = [
            "kind": .string(kind), "window_days": number(form.text("window_\(slot)")),
            "from_day": number(form.text("from_\(slot)")), "less_is_better": .bool(form.text("less_\(slot)") == "1"),
        ]
        let typed = form.text("event_\(slot)").trimmed
        if typed.hasPrefix("{") {
            do {
                members["event"] = try JSONValue(parsing: typed)
            } catch {
                throw ExperimentError.invalid(field: "event", reason: "must be JSON")
            }
        } else if !typed.isEmpty {
            let names = typed.split { $0 == "," || $0 == "，" }.map { String($0).trimmed }
            members["event"] = ["names": .array(names.filter { !$0.isEmpty }.map { .string($0) })]
        }
        return .object(members)
    }

    /// Nothing typed is nothing said; what is no number is one that nobody can mean.
    private static func number(_ text: String, orElse wrong: Int64 = -1) -> JSONValue {
        let text = text.trimmed
        return text.isEmpty ? .null : .integer(Int64(text) ?? wrong)
    }
}

extension String {
    /// Without blanks around it.
    var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
