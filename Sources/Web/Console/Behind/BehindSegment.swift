import Engine
import Storage

/// Makes a list of the people behind a mark, so that they can be reached, followed and compared.
enum BehindSegment {
    /// People who may be put on a list at once.
    private static let peopleMax = 200_000

    static func make(_ request: PageRequest) async throws -> Reply {
        let mark = try await BehindPage.mark(request)
        let words = try await MarkWords.load(mark, request)
        let people = try await BehindPage.found(request) { try await PeopleBehind.find(mark, request.platform) }
        guard people.ids.count <= peopleMax else {
            return try await BehindPage.answer(
                request,
                problem: request.text(
                    "behind.segment_too_many", ["limit": request.wording.number(peopleMax)]))
        }
        let (platform, actor, now) = (request.platform, request.actor, request.now)
        let draft = SegmentDraft(
            name: request.form.text("segment_name"), description: String("\(words.title) · \(words.time)".prefix(500)),
            kind: .list)
        do {
            let segment = try await platform.store.write { connection in
                let segment = try Segments.create(draft, effects: platform.effects, connection)
                try AuditLog.append(
                    actor: actor, action: "segment.create", subject: "segment:\(segment.id)", detail: segment.name,
                    connection, at: now)
                return segment
            }
            for start in stride(from: 0, to: people.ids.count, by: SegmentLists.requestLimit) {
                let part = Array(people.ids[start..<min(start + SegmentLists.requestLimit, people.ids.count)])
                try await platform.store.write { connection in
                    try SegmentLists.put(
                        part, in: segment.id, named: segment.name, at: now, effects: platform.effects, connection)
                    try SegmentLists.recount(segment.id, at: now, connection)
                }
            }
            return .redirect(to: "/segments/\(segment.id)", notice: "behind.segment_made")
        } catch let error as SegmentError {
            return try await BehindPage.answer(request, problem: problem(error, request))
        }
    }

    private static func problem(_ error: SegmentError, _ request: PageRequest) -> String {
        switch error {
        case .nameMissing: request.text("behind.segment_nameless")
        case .nameTaken(let name): request.text("behind.segment_taken", ["name": name])
        default: request.text("behind.segment_refused")
        }
    }
}
