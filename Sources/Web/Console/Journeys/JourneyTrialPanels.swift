import Engine
import Storage

/// The walk of one person through the draft.
struct JourneyTrialModel: PageModel {
    struct Line: Encodable, Sendable {
        var words: String
        var path: String?
        var note: String?
        var at: String
    }

    var problem: String?
    var name: String?
    var meant: String?
    var lines: [Line]
    var hasLines: Bool
    var ending: String?
}

/// Why somebody is in or not, and what became of each message.
struct JourneyWhyModel: PageModel {
    var problem: String?
    var name: String?
    var lines: [PersonWhyModel.Line] = []
    var hasLines = false
    var messages: [PersonWhyModel.Line] = []
    var hasMessages = false
}

enum JourneyTrialPanels {
    static func attempt(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("journey")
        let text = request.query.text("person")
        guard !text.isEmpty else {
            return .panel(template: "journeys/trial", model: JourneyTrialModel(lines: [], hasLines: false))
        }
        do {
            let person = try await person(text, request)
            let wording = request.wording
            let trial = try await JourneyTrial.run(
                id, as: person.id, choices: [:], CriteriaLanguage(wording.language), request.platform)
            let lines = trial.lines.map { line in
                JourneyTrialModel.Line(
                    words: line.words, path: line.path.isEmpty ? nil : way(line.path, request),
                    note: line.note.isEmpty ? nil : note(line.note, request),
                    at: wording.dateTime(line.at))
            }
            let ending = trial.ending.map { request.text("journey.ending_\($0.rawValue)") }
            return .panel(
                template: "journeys/trial",
                model: JourneyTrialModel(
                    name: PersonName(person, wording).text,
                    meant: trial.isMeant.map { request.text($0 ? "journey.is_meant" : "journey.is_not_meant") },
                    lines: lines, hasLines: !lines.isEmpty, ending: ending))
        } catch is ProfileError {
            return failed(request.text("segment.nobody_found"))
        } catch let error as JourneyError {
            return failed(JourneyPages.told(error, request))
        }
    }

    private static func failed(_ problem: String) -> Reply {
        .panel(
            template: "journeys/trial", model: JourneyTrialModel(problem: problem, lines: [], hasLines: false))
    }

    static func way(_ path: String, _ request: PageRequest) -> String {
        path == "otherwise" ? request.text("journey.otherwise") : path
    }

    /// What the runtime noted at a node, in words.
    static func note(_ note: String, _ request: PageRequest) -> String {
        if note.hasPrefix("refused:") {
            let reason = String(note.dropFirst("refused:".count))
            return request.text(
                "journey.refused", ["reason": request.wording.known("journey.refused_\(reason)") ?? reason])
        }
        return request.wording.known("journey.note_\(note)") ?? request.wording.known("journey.ending_\(note)") ?? note
    }

    private static func person(_ text: String, _ request: PageRequest) async throws -> Profile {
        let found = try await request.platform.store.read {
            try ProfileList.load(ProfileFilter(search: text), limit: 1, $0)
        }.profiles.first
        guard let found else { throw ProfileError.notFound(0) }
        return found
    }

    static func why(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("journey")
        let text = request.query.text("person")
        guard !text.isEmpty else {
            return .panel(template: "journeys/why", model: JourneyWhyModel())
        }
        do {
            let person = try await person(text, request)
            let told = try await JourneyPages.found {
                try await JourneyWhyNot.explain(
                    person.id, id, CriteriaLanguage(request.wording.language), request.platform)
            }
            let lines = told.lines.map { PersonMessages.line($0, request) }
            let messages = told.messages.map { PersonMessages.message($0, request) }
            return .panel(
                template: "journeys/why",
                model: JourneyWhyModel(
                    name: PersonName(person, request.wording).text, lines: lines, hasLines: !lines.isEmpty,
                    messages: messages, hasMessages: !messages.isEmpty))
        } catch is ProfileError {
            return .panel(
                template: "journeys/why",
                model: JourneyWhyModel(problem: request.text("segment.nobody_found")))
        }
    }
}
