import Engine
import Storage

/// One template: its parts to the left, to the right what somebody would get.
struct TemplateModel: PageModel {
    struct Tab: Encodable, Sendable {
        var href: String
        var value: String
        var title: String
        var current: String?
    }

    var id: String
    var revision: String
    var name: String
    var isEmail: Bool
    var hasTitle: Bool
    var hasLink: Bool
    var hasBody: Bool
    /// Whether its words are for a program.
    var isWebhook: Bool
    /// Whether a test needs no address: it goes to the person themselves.
    var testsPerson: Bool
    var testsPhone: Bool
    var provided: ProviderTemplateForm?
    var options: [ProviderTemplateForm.Option]
    var hasOptions: Bool
    var isTransactional: String?
    var topics: [Choice]
    var fallbacks: [FallbackField]
    var variant: String
    var weight: String
    var variants: [Tab]
    var hasVariants: Bool
    /// Whether variants are held against each other.
    var isCompared: Bool
    var subject: String
    var preheader: String
    var body: String
    var link: String
    var blocks: [TemplateForm.Block]
    var count: String
    var kinds: [Choice]
    var state: String
    var isPublished: Bool
    var hasChanges: Bool
    var mayManage: Bool
    var person: String
    var personName: String
    var look: String
    var looks: [Tab]
    var hasLooks: Bool
    var frame: String
    var frameStyle: String
    var testAddress: String
    var problem: String?
}

enum TemplatePage {
    static func show(_ request: PageRequest) async throws -> Reply { try await answer(request) }

    /// Saves the variant that was shown, and does what the button asks for.
    static func act(_ request: PageRequest) async throws -> Reply {
        let (id, form, actor, now) = (try request.id("template"), request.form, request.actor, request.now)
        let act = form.text("act")
        do {
            let (place, variant) = try await TemplateWords.found {
                try await request.platform.store.write { connection -> (Int?, String) in
                    let template = try MessageTemplates.get(id, connection)
                    var content = template.draft
                    let index = content.variants.firstIndex { $0.name == form.text("variant") } ?? 0
                    var edited = TemplateForm.variant(form, before: content.variants[index])
                    let taken = content.variants.enumerated().contains {
                        $0.offset != index && $0.element.name == edited.name
                    }
                    if taken { edited.name = content.variants[index].name }
                    try ProviderTemplateForm.apply(form, to: &edited, connection)
                    let place = TemplateForm.act(act, on: &edited.blocks, request)
                    content.variants[index] = edited
                    var shown = edited.name
                    if act == "variant", content.variants.count < TemplateLimits.variants {
                        var copy = edited
                        copy.name =
                            ["A", "B", "C", "D", "E", "F", "G"].first { name in
                                !content.variants.contains { $0.name == name }
                            } ?? "Z"
                        content.variants.append(copy)
                        shown = copy.name
                    } else if act == "drop", content.variants.count > 1 {
                        content.variants.remove(at: index)
                        shown = content.variants[0].name
                    }
                    let draft = MessageTemplate.Draft(
                        name: form.text("name"), channel: template.channel, topic: form.text("topic"),
                        isTransactional: form["transactional"] == "1", content: content,
                        fallbacks: FallbackFields.read(form) ?? [])
                    _ = try MessageTemplates.update(
                        id, draft, against: form.text("revision"), by: actor, at: now, connection)
                    if act == "publish" { _ = try MessageTemplates.publish(id, by: actor, at: now, connection) }
                    return (place, shown)
                }
            }
            let query = request.query.query(changing: ["variant": variant])
            let path = "/templates/\(id)?\(query)" + (place.map { "#block-\($0)" } ?? "")
            let notice: String? = act == "publish" ? "template.published" : act == "save" ? "frame.saved" : nil
            return .redirect(to: path, notice: notice)
        } catch let error as TemplateError {
            return try await answer(request, problem: TemplateWords.problem(error, request), keepsForm: true)
        } catch is EditConflict {
            return try await answer(request, problem: request.text("template.problem_conflict"), keepsForm: true)
        }
    }

    static func archive(_ request: PageRequest) async throws -> Reply {
        let (id, actor, now) = (try request.id("template"), request.actor, request.now)
        do {
            try await TemplateWords.found {
                try await request.platform.store.write { try MessageTemplates.archive(id, by: actor, at: now, $0) }
            }
        } catch let error as TemplateError {
            return try await answer(request, problem: TemplateWords.problem(error, request))
        }
        return .redirect(to: "/templates", notice: "template.archived")
    }

    /// Sends the draft to an address, as a chosen person would get it.
    static func test(_ request: PageRequest) async throws -> Reply {
        let (id, form, effects, now) = (
            try request.id("template"), request.form, request.platform.effects, request.now
        )
        let country = request.workspace.defaultCountry
        let channel = try await TemplateWords.found {
            try await request.platform.store.read { try MessageTemplates.get(id, $0).channel }
        }
        let written = form.text("address")
        let address: String? =
            phoneChannels.contains(channel)
            ? PhoneNumber.normalise(written, defaultCountry: country)
            : channel == "email" ? (MailAddress.isUsable(written) ? written : nil) : ""
        guard let address else {
            return try await answer(request, problem: request.text("template.problem_address"))
        }
        let user = request.user.id
        let workspace = request.workspace
        let problem = try await TemplateWords.found {
            try await request.platform.store.write { connection -> String? in
                _ = try MessageTemplates.get(id, connection)
                guard let person = try chosen(form.text("person"), connection) else {
                    return "template.problem_nobody"
                }
                guard try !address.isEmpty || reaches(person, by: channel, workspace, connection) else {
                    return "template.problem_unreached"
                }
                let values: JSONValue = [
                    "test_address": .string(address), "test_variant": .string(form.text("variant")),
                ]
                _ = try Messages.plan(
                    [
                        MessagePlan(
                            key: "test:\(effects.newID())", profileID: person, templateID: id,
                            origin: .test(userID: user), values: values, due: now)
                    ], at: now, connection)
                return nil
            }
        }
        if let problem { return try await answer(request, problem: request.text(problem)) }
        return .redirect(to: "/templates/\(id)?\(request.query.query())", notice: "template.test_sent")
    }

    /// Whether a person has an address on a channel.
    private static func reaches(
        _ person: Int64, by channel: String, _ workspace: Workspace, _ connection: any SQLConnection
    ) throws -> Bool {
        guard let known = ChannelCatalog.known.channel(channel),
            let facts = try RecipientFacts.load(person, workspace, connection)
        else { return false }
        return try known.address(of: facts, connection) != nil
    }

    static func chosen(_ text: String, _ connection: any SQLConnection) throws -> Int64? {
        text.isEmpty ? try RecipientFacts.anybody(connection) : try RecipientFacts.find(text, connection)
    }

    private static let looks = ["desk", "phone", "dark", "text"]
    private static let phoneChannels: Set<String> = ["sms", "whatsapp"]
    /// Those whose words do not stand in one text of ours.
    private static let wordless: Set<String> = ["email", "sms"]

    private struct Found: Sendable {
        var template: MessageTemplate
        var policy: MessagePolicy
        var published: TemplateContent?
        var person: RecipientFacts?
        var all: [MessageTemplate]
        /// The name that the variant is stored by.
        var stored: String
        /// As it is stored, or as it was posted.
        var variant: TemplateContent.Variant
        var provided: ProviderTemplateForm?
    }

    private static func found(_ request: PageRequest, keepsForm: Bool) async throws -> Found {
        let (id, form, catalog) = (
            try request.id("template"), request.form, request.console.configuration.providers
        )
        return try await TemplateWords.found {
            try await request.platform.store.read { connection in
                let template = try MessageTemplates.get(id, connection)
                let asked = request.query["variant"] ?? form["variant"]
                let stored = template.draft.variants.first { $0.name == asked } ?? template.draft.variants[0]
                var variant = keepsForm ? TemplateForm.variant(form, before: stored) : stored
                if keepsForm { try ProviderTemplateForm.apply(form, to: &variant, connection) }
                return Found(
                    template: template, policy: try MessagePolicy.load(connection),
                    published: template.version == 0
                        ? nil : try MessageTemplates.content(id, version: template.version, connection),
                    person: try chosen(request.query.text("person"), connection).flatMap {
                        try RecipientFacts.load($0, request.workspace, connection)
                    }, all: try MessageTemplates.list(connection), stored: stored.name, variant: variant,
                    provided: try ProviderTemplateForm.load(
                        variant, channel: template.channel, catalog, request, connection))
            }
        }
    }

    private static func tab(
        _ name: String, _ value: String, title: String, isCurrent: Bool, _ request: PageRequest
    ) throws -> TemplateModel.Tab {
        TemplateModel.Tab(
            href: "/templates/\(try request.id("template"))?" + request.query.query(changing: [name: value]),
            value: value, title: title, current: isCurrent ? "page" : nil)
    }

    private static func answer(
        _ request: PageRequest, problem: String? = nil, keepsForm: Bool = false
    ) async throws -> Reply {
        let (id, sought) = (try request.id("template"), request.query.text("person"))
        let found = try await found(request, keepsForm: keepsForm)
        let (template, variant, provided) = (found.template, found.variant, found.provided)
        let look = request.query["look"].flatMap { looks.contains($0) ? $0 : nil } ?? "desk"
        let isEmail = template.channel == "email"
        let query = Fields([("person", sought), ("variant", found.stored), ("look", look)]).query()
        // Those that are sent count, also while the draft has one alone.
        let variants = max(template.draft.variants.count, found.published?.variants.count ?? 0)
        let (wording, usesPhone) = (request.wording, phoneChannels.contains(template.channel))
        let model = TemplateModel(
            id: String(id), revision: keepsForm ? request.form.text("revision") : try template.revision.text,
            name: keepsForm ? request.form.text("name") : template.name, isEmail: isEmail,
            hasTitle: ["email", "inbox", "push", "wechat", "wecom"].contains(template.channel),
            hasLink: ["inbox", "push", "wechat", "wecom"].contains(template.channel),
            hasBody: !wordless.contains(template.channel) && provided?.isNeeded != true,
            isWebhook: template.channel == "webhook",
            testsPerson: !usesPhone && !isEmail, testsPhone: usesPhone, provided: provided,
            options: ProviderTemplateForm.options(variant, channel: template.channel, request),
            hasOptions: ProviderTemplateForm.optionKeys[template.channel] != nil,
            isTransactional: template.isTransactional ? "checked" : nil,
            topics: TemplateWords.topics(found.policy, chosen: template.topic, request),
            fallbacks: FallbackFields.ofTemplate(template, found.all, request), variant: found.stored,
            weight: String(variant.weight),
            variants: try template.draft.variants.map {
                try tab("variant", $0.name, title: $0.name, isCurrent: $0.name == found.stored, request)
            }, hasVariants: template.draft.variants.count > 1,
            isCompared: template.version > 0 && variants > 1, subject: variant.subject,
            preheader: variant.preheader, body: variant.body, link: variant.link,
            blocks: variant.blocks.enumerated().map {
                TemplateForm.block($0.element, at: $0.offset, of: variant.blocks.count, request)
            }, count: String(variant.blocks.count),
            kinds: EmailBlock.Kind.allCases.map {
                Choice($0.rawValue, request.text("template.block_\($0.rawValue)"), chosen: "")
            },
            state: template.version == 0
                ? request.text("template.draft")
                : request.text("template.version", ["number": wording.number(template.version)]),
            isPublished: template.version > 0, hasChanges: found.published != nil && found.published != template.draft,
            mayManage: request.user.role.may(.manageMessages), person: sought,
            personName: found.person.map { $0.displayName.isEmpty ? $0.emails.first ?? "" : $0.displayName }
                ?? request.text("template.sample"),
            look: look,
            looks: try (isEmail ? looks : ["desk"]).map {
                try tab("look", $0, title: request.text("template.look_\($0)"), isCurrent: $0 == look, request)
            }, hasLooks: isEmail, frame: "/templates/\(id)/preview?\(query)", frameStyle: "letter-\(look)",
            testAddress: request.form["address"] ?? (isEmail ? request.user.email : ""), problem: problem)
        var page = Page(
            "template/one", title: template.name, crumbs: [Crumb(request.text("template.title"), "/templates")],
            model: model, status: problem == nil ? .ok : .unprocessableContent)
        page.frames = ["'self'"]
        return .page(page)
    }
}
