import Engine
import Storage

/// Exactly the people that a mark counts.
struct BehindModel: PageModel {
    var time: String
    var query: String
    var mayManage: Bool
    /// Proposed for a segment of them.
    var name: String
    var problem: String?
}

/// A page of them.
struct BehindListModel: PageModel {
    struct Row: Encodable, Sendable {
        var id: String
        var href: String
        var name: String
        var initial: String
        var hint: String
        var stage: StageChip?
        var rfmClass: String?
        var orders: String
        var spend: String
        var lastOrder: String
        var lastSeen: String
    }

    var count: String
    /// What differs between the mark and this list, and why; nil when they agree.
    var difference: String?
    var order: String
    var rows: [Row]
    var isEmpty: Bool
    var place: String
    var previous: String?
    var next: String?
}

enum BehindPage {
    private static let rows: Int64 = 50

    static func show(_ request: PageRequest) async throws -> Reply { try await answer(request) }

    static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let words = try await MarkWords.load(try await mark(request), request)
        return .page(
            Page(
                "behind/page", title: words.title, crumbs: [Crumb(request.text("people.title"), "/people")],
                model: BehindModel(
                    time: words.time, query: request.query.query(), mayManage: request.user.role.may(.manageSegments),
                    name: request.form["segment_name"] ?? String(words.title.prefix(80)), problem: problem),
                status: problem == nil ? .ok : .unprocessableContent))
    }

    static func list(_ request: PageRequest) async throws -> Reply {
        let mark = try await mark(request)
        let people = try await found(request) { try await PeopleBehind.find(mark, request.platform) }
        let total = Int64(people.ids.count)
        let place = min(max(0, request.query.int("at") ?? 0), max(0, total - 1))
        let found = try await request.platform.store.read {
            try people.page(from: Int(place), limit: Int(rows), $0)
        }
        func link(_ place: Int64) -> String { "/behind?" + request.query.query(changing: ["at": String(place)]) }
        let end = min(total, place + rows)
        return .panel(
            template: "behind/list",
            model: BehindListModel(
                count: request.text("behind.count", count: total), difference: difference(total, request),
                order: request.text(people.isBySpend ? "behind.by_spend" : "behind.by_arrival"),
                rows: found.map { row($0.id, $0.profile, request) }, isEmpty: found.isEmpty,
                place: request.text(
                    "behind.place",
                    [
                        "from": request.wording.number(place + 1), "to": request.wording.number(end),
                        "total": request.wording.number(total),
                    ]),
                previous: place > 0 ? link(max(0, place - rows)) : nil, next: end < total ? link(place + rows) : nil))
    }

    /// Runs `body`; what is about something that is gone is no page.
    static func found<T>(_ request: PageRequest, _ body: () async throws -> T) async throws -> T {
        do {
            return try await request.experimentFound(body)
        } catch TemplateError.notFound {
            throw PageFailure.notFound
        } catch JourneyError.notFound {
            throw PageFailure.notFound
        } catch BroadcastError.notFound {
            throw PageFailure.notFound
        }
    }

    static func mark(_ request: PageRequest) async throws -> Mark {
        let saved = try await request.platform.store.read { try RFMSettings.load($0) }
        guard let mark = MarkAddress.mark(request.query, saved: saved) else { throw PageFailure.notFound }
        return mark
    }

    /// The mark may have counted orders, or have been drawn a while ago.
    private static func difference(_ total: Int64, _ request: PageRequest) -> String? {
        guard let said = request.query.int("n") else { return nil }
        let people = request.text("behind.count", count: total)
        if let counted = MarkAddress.Counted(rawValue: request.query.text("of")), counted != .people {
            return request.text("behind.of_\(counted.rawValue)", ["people": people], count: said)
        }
        guard said != total else { return nil }
        return request.text("behind.differs", ["said": request.wording.number(said), "people": people])
    }

    private static func row(_ id: Int64, _ profile: Profile?, _ request: PageRequest) -> BehindListModel.Row {
        let wording = request.wording
        let none = wording.text("frame.none")
        guard let profile, profile.deletedMS == nil else {
            return BehindListModel.Row(
                id: String(id), href: "/people/\(id)", name: wording.text("behind.erased"), initial: "·", hint: "",
                stage: nil, rfmClass: nil, orders: none, spend: none, lastOrder: none, lastSeen: none)
        }
        let name = PersonName(profile, wording)
        let hint =
            profile.mergedInto == nil
            ? profile.isIdentified ? "people.known" : "people.anonymous" : "behind.merged_since"
        return BehindListModel.Row(
            id: String(id), href: "/people/\(id)", name: name.text, initial: name.initial, hint: wording.text(hint),
            stage: StageChip(profile.stage, wording), rfmClass: ClassWords.name(profile.rfmClass, wording),
            orders: wording.number(profile.orderCount), spend: wording.money(profile.netSpend),
            lastOrder: profile.lastOrderMS.map {
                wording.shortDate(Timestamp(milliseconds: $0), now: request.now)
            } ?? none,
            lastSeen: wording.ago(Timestamp(milliseconds: profile.lastSeenMS), now: request.now))
    }
}
