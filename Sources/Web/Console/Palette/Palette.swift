import Engine
import Storage

/// What the command palette finds: people by name or identity.
enum Palette {
    private static let people = 8

    static func search(_ request: PageRequest) async throws -> Reply {
        let asked = request.query.text("q")
        guard asked.count >= 2, request.user.role.may(.readPeople) else {
            return .json(JSONValue.object(["people": .array([])]).text())
        }
        let list = try await request.platform.store.read {
            try ProfileList.load(ProfileFilter(search: asked), limit: people, $0)
        }
        let found = list.profiles.prefix(people).map { profile -> JSONValue in
            let wording = request.wording
            let detail = [
                StageChip(profile.stage, wording)?.title,
                profile.orderCount > 0 ? wording.money(profile.netSpend) : nil,
            ].compactMap { $0 }.joined(separator: " · ")
            return .object([
                "title": .string(PersonName(profile, wording).text), "href": .string("/people/\(profile.id)"),
                "detail": .string(detail),
            ])
        }
        return .json(JSONValue.object(["people": .array(Array(found))]).text())
    }
}
