import Engine
import Storage

/// What a member's orders and events earned, each with its waterfall, on the person's page.
struct PersonEarningsModel: PageModel {
    struct Earning: Encodable, Sendable {
        var title: String
        var href: String?
        var at: String
        var points: String
        var steps: [ProgramWords.Step]
    }

    var earnings: [Earning]
    var isEmpty: Bool
    var more: String?
}

enum PersonEarnings {
    private static let shown = 20

    static func panel(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("person")
        let (records, rules, world) = try await request.platform.store.read { connection in
            let account = try PointsAccounts.ofProfile(ProfileDetail.resolve(id, connection), connection)
            let records =
                try account.map { try EarningRecords.page(of: $0.id, before: nil, limit: shown + 1, connection) } ?? []
            var rules: [Int64: EarningRuleSet] = [:]
            for number in Set(records.map(\.version)) {
                rules[number] = try ProgramVersions.numbered(number, connection)?.program?.rules
            }
            return (records, rules, try CriteriaWorld.load(connection))
        }
        let words = ProgramWords(world, request)
        let earnings = records.prefix(shown).map { record in
            let order = record.key.hasPrefix("order:") ? String(record.key.dropFirst(6)) : nil
            let points = record.net.filter { $0.value != 0 }.sorted { $0.key < $1.key }
                .map { "+\(request.wording.number($0.value)) \($0.key)" }
            return PersonEarningsModel.Earning(
                title: order.map { request.text("program.order_is", ["order": $0]) } ?? record.name,
                href: order.map { "/orders/\(Fields.encoded($0))" },
                at: request.wording.dateTime(Timestamp(milliseconds: record.factMS)),
                points: points.isEmpty ? "0" : points.joined(separator: " "),
                steps: words.steps(record.waterfall, rules[record.version] ?? EarningRuleSet()))
        }
        return .panel(
            template: "program/person",
            model: PersonEarningsModel(
                earnings: earnings, isEmpty: earnings.isEmpty,
                more: records.count > shown ? request.text("program.more_earned") : nil))
    }
}
