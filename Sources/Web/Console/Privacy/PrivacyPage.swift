import Engine
import Foundation
import Storage

/// What a person may ask for by law: everything that is known about them, and to be forgotten.
struct PrivacyModel: PageModel {
    struct Held: Encodable, Sendable {
        var name: String
        var count: String
        /// What an erasure does with it.
        var fate: String
    }

    var id: String
    var held: [Held]
    /// What is to be typed.
    var word: String
    var isErased: Bool
    var problem: String?
}

/// How far an erasure has come.
struct ErasureModel: PageModel {
    struct Step: Encodable, Sendable {
        var name: String
        var tone: String
        var state: String
    }

    var id: String
    var steps: [Step]
    var isWorking: Bool
    var fraction: String
}

enum PrivacyPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        try await answer(request)
    }

    /// The file with everything; it is gone here once it is sent.
    static func export(_ request: PageRequest) async throws -> Reply {
        let id = try await living(request)
        let folder = request.console.configuration.uploadFolder + "/person"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let path = folder + "/\(request.platform.effects.randomHex(bytes: 8)).json"
        do {
            try await PersonExport(of: id, request.platform).write(to: path, by: request.actor)
        } catch PersonExportError.analyticsUnavailable {
            try FileManager.default.removeItem(atPath: path)
            return try await answer(request, problem: request.text("privacy.export_incomplete"))
        }
        return .temporaryFile(name: "person-\(id).json", type: "application/json", path: path)
    }

    static func erase(_ request: PageRequest) async throws -> Reply {
        let id = try await living(request)
        let typed = request.form.text("word").trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
        guard typed == request.text("privacy.word").lowercased() else {
            return try await answer(
                request, problem: request.text("privacy.wrong_word", ["word": request.text("privacy.word")]))
        }
        try await Erasure.request(id, by: request.actor, request.platform)
        return .redirect(to: "/people/\(id)/privacy", notice: "privacy.erased_notice")
    }

    static func progress(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("person")
        guard let standing = try await request.platform.store.read({ try ErasureSweep.standing(of: id, $0) }) else {
            throw PageFailure.notFound
        }
        return .panel(template: "privacy/progress", model: model(id, standing, request))
    }

    private static func model(
        _ id: Int64, _ standing: ErasureSweep.Standing, _ request: PageRequest
    ) -> ErasureModel {
        func step(_ key: String, _ at: Timestamp?, isFailed: Bool = false) -> ErasureModel.Step {
            ErasureModel.Step(
                name: request.text(key), tone: at != nil ? "good" : isFailed ? "bad" : "warn",
                state: at.map { request.wording.dateTime($0) }
                    ?? request.text(isFailed ? "privacy.step_failed" : "privacy.step_waits"))
        }
        let search = standing.progress?.phase.flatMap { request.wording.known("privacy.part_\($0)") }
        var searched = step(
            "privacy.step_search", standing.sweptAt ?? (standing.isSearching ? nil : standing.requestedAt),
            isFailed: standing.isFailed)
        if let search, standing.isSearching { searched.state = search }
        let done = (standing.analyticsAt == nil ? 0 : 1) + (standing.isSearching ? 0 : 1)
        let parts = standing.progress.map { Double($0.done) / Double(max($0.total ?? 1, 1)) } ?? 0
        return ErasureModel(
            id: String(id),
            steps: [
                step("privacy.step_people", standing.requestedAt), searched,
                step("privacy.step_analytics", standing.analyticsAt),
            ],
            isWorking: done < 2 && !standing.isFailed,
            fraction: String(min(1, (1 + Double(done) + (standing.isSearching ? parts : 0)) / 3)))
    }

    private static func living(_ request: PageRequest) async throws -> Int64 {
        let id = try request.id("person")
        do {
            return try await request.platform.store.read { try ProfileDetail.resolve(id, $0) }
        } catch ProfileError.notFound {
            throw PageFailure.notFound
        }
    }

    private static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let id = try await living(request)
        let (detail, merges) = try await request.platform.store.read { connection in
            (try ProfileDetail.load(id, connection), try MergeHistory.load(of: id, connection).count)
        }
        let wording = request.wording
        func held(_ key: String, _ count: Int, _ fate: String) -> PrivacyModel.Held {
            PrivacyModel.Held(
                name: request.text(key), count: wording.number(count), fate: request.text("privacy.fate_\(fate)"))
        }
        let isErased = detail.profile.deletedMS != nil
        let model = PrivacyModel(
            id: String(id),
            held: [
                held("person.identities", detail.identities.count, "hashed"),
                held("person.traits", detail.state.values.count, "deleted"),
                held("person.consent", detail.state.consent.count, "deleted"),
                held("person.merges", merges, "deleted"),
                held("person.timeline", Int(detail.profile.eventCount), "deleted"),
                held("person.orders", Int(detail.profile.orderCount), "anonymous"),
            ], word: request.text("privacy.word"), isErased: isErased, problem: problem)
        let name = detail.profile.displayName ?? request.text("people.anonymous")
        return .page(
            Page(
                "privacy/page", title: request.text("privacy.title"),
                crumbs: [
                    Crumb(request.text("people.title"), "/people"),
                    Crumb(isErased ? request.text("privacy.erased") : name, "/people/\(id)"),
                ], model: model, status: problem == nil ? .ok : .unprocessableContent))
    }
}
