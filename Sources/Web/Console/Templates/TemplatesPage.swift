import Engine
import Storage

/// All templates.
struct TemplatesModel: PageModel {
    struct Row: Encodable, Sendable {
        var href: String
        var name: String
        var channel: String
        var topic: String
        var state: String
        var tone: String
        var updated: String
    }

    var rows: [Row]
    var isEmpty: Bool
    var mayManage: Bool
    var channels: [Choice]
    var topics: [Choice]
    var name: String
    var problem: String?
}

enum TemplatesPage {
    static func show(_ request: PageRequest) async throws -> Reply { try await answer(request) }

    static func create(_ request: PageRequest) async throws -> Reply {
        let (form, actor, effects) = (request.form, request.actor, request.platform.effects)
        let channel = form.text("channel")
        let kinds: [EmailBlock.Kind] = channel == "email" ? [.heading, .text, .button, .footer] : []
        let starters = kinds.map { TemplateForm.starter($0, request) }
        // The title of a card wants an address with it.
        let isCarded = TemplateCheck.carded.contains(channel)
        let content = TemplateContent(variants: [
            TemplateContent.Variant(
                subject: isCarded ? "" : form.text("name"), blocks: starters,
                body: channel == "webhook" ? #"{"profile_id": {{ person.id | json }}}"# : "")
        ])
        let draft = MessageTemplate.Draft(
            name: form.text("name"), channel: channel, topic: form.text("topic"),
            isTransactional: form["transactional"] == "1", content: content)
        do {
            let made = try await request.platform.store.write {
                try MessageTemplates.create(draft, by: actor, effects, $0)
            }
            return .redirect(to: "/templates/\(made.id)")
        } catch let error as TemplateError {
            return try await answer(request, problem: TemplateWords.problem(error, request))
        }
    }

    private static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let (templates, policy) = try await request.platform.store.read {
            (try MessageTemplates.list($0), try MessagePolicy.load($0))
        }
        let wording = request.wording
        let names = Dictionary(policy.topics.map { ($0.code, $0.name(wording.language)) }) { a, _ in a }
        let model = TemplatesModel(
            rows: templates.map { template in
                let topic = template.topic.isEmpty ? "" : names[template.topic] ?? template.topic
                return TemplatesModel.Row(
                    href: "/templates/\(template.id)", name: template.name,
                    channel: request.text("message.channel_\(template.channel)"),
                    topic: template.isTransactional ? request.text("template.transactional") : topic,
                    state: template.version == 0
                        ? request.text("template.draft")
                        : request.text("template.version", ["number": wording.number(template.version)]),
                    tone: template.version == 0 ? "chip-plain" : "chip-good",
                    updated: wording.shortDate(template.updatedAt, now: request.now))
            }, isEmpty: templates.isEmpty, mayManage: request.user.role.may(.manageMessages),
            channels: ChannelCatalog.names.map {
                Choice($0, request.text("message.channel_\($0)"), chosen: request.form.text("channel"))
            },
            topics: TemplateWords.topics(policy, chosen: request.form.text("topic"), request),
            name: request.form.text("name"), problem: problem)
        return .page(
            Page(
                "template/page", title: request.text("template.title"), model: model,
                status: problem == nil ? .ok : .unprocessableContent))
    }
}

/// Templates in words of the console.
enum TemplateWords {
    static func topics(_ policy: MessagePolicy, chosen: String, _ request: PageRequest) -> [Choice] {
        [Choice("", request.text("template.no_topic"), chosen: chosen)]
            + policy.topics.map { Choice($0.code, $0.name(request.wording.language), chosen: chosen) }
    }

    static func problem(_ error: TemplateError, _ request: PageRequest) -> String {
        switch error {
        case .badName:
            request.text("template.problem_name", ["limit": request.wording.number(TemplateLimits.nameCharacters)])
        case .unknownChannel, .unknownTopic: request.text("template.problem_choice")
        case .tooLong, .tooManyBlocks, .variants: request.text("template.problem_long")
        case .liquid(let place, let error): liquid(place, error, request)
        case .noSubject(let variant): request.text("template.problem_subject", ["variant": variant])
        case .empty(let variant): request.text("template.problem_empty", ["variant": variant])
        case .noFooter(let variant): request.text("template.problem_footer", ["variant": variant])
        case .usedBy(let uses): SegmentPage.inUse(uses, request)
        case .noLink(let variant): request.text("template.problem_link", ["variant": variant])
        case .noCardLink(let variant): request.text("template.problem_card_link", ["variant": variant])
        case .notPublished: request.text("template.problem_unpublished")
        case .badFallback: request.text("template.problem_fallback")
        case .notFound: request.text("template.problem_gone")
        case .noProviderTemplate(let variant): request.text("template.problem_provider", ["variant": variant])
        case .notApproved(let variant, let code):
            request.text("template.problem_approved", ["variant": variant, "code": code])
        case .missingParameter(let variant, let name):
            request.text("template.problem_parameter", ["variant": variant, "name": name])
        case .tooManyParameters: request.text("template.problem_parameters")
        }
    }

    static func liquid(_ place: String, _ error: LiquidError, _ request: PageRequest) -> String {
        let (word, detail): (String, String) =
            switch error.flaw {
            case .unclosed(let sign): ("unclosed", sign)
            case .unknownTag(let name): ("unknown_tag", name)
            case .misplaced(let name): ("misplaced", name)
            case .missingEnd(let name): ("missing_end", name)
            case .unexpected(let text): ("unexpected", text)
            case .unknownFilter(let name): ("unknown_filter", name)
            case .unknownName(let name): ("unknown_name", name)
            case .badArgument(let name): ("bad_argument", name)
            case .tooDeep, .tooLong, .tooManySteps, .tooMuchOutput: ("too_much", "")
            }
        return request.text(
            "template.liquid_\(word)",
            ["place": self.place(place, request), "line": request.wording.number(error.line), "detail": detail])
    }

    /// `A.blocks[3].columns[1][2].text` as “Part 3, Text”; of another variant than the first with its name.
    private static func place(_ place: String, _ request: PageRequest) -> String {
        let words = place.split(separator: ".").map(String.init)
        guard words.count > 1, let field = words.last else { return request.text("template.title_one") }
        let keys = [
            "subject": "template.subject", "preheader": "template.preheader", "body": "template.body",
            "link": "template.url", "url": "template.url", "image": "template.image", "value": "template.value",
            "when": "template.when", "text": "template.text",
        ]
        var told = keys[field].map { request.text($0) } ?? field
        if words[1] == "parameters" {
            told = "\(request.text("template.place")) \(words.dropFirst(2).joined(separator: "."))"
        }
        let part = words.first { $0.hasPrefix("blocks[") }?.split { $0 == "[" || $0 == "]" }.last
        if let part {
            told = request.text("template.place_part", ["number": String(part), "field": told])
        }
        guard words[0] != "A" else { return told }
        return request.text("template.place_variant", ["variant": words[0], "place": told])
    }

    /// Runs a handler's engine call; what is not there is a page that is not there.
    static func found<T>(_ body: () async throws -> T) async throws -> T {
        do { return try await body() } catch TemplateError.notFound { throw PageFailure.notFound }
    }
}
