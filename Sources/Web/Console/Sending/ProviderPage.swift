import Engine
import Storage

enum ProviderPage {
    /// The form of the page that was posted, and stands as it was typed.
    private enum Posted { case account, trial, template }

    /// What a choice shows of an approved text, so that it is known by more than its code.
    private static let textShown = 60

    static func show(_ request: PageRequest) async throws -> Reply { try await answer(request) }

    static func save(_ request: PageRequest) async throws -> Reply {
        let (provider, form, platform) = (try provider(request), request.form, request.platform)
        guard let price = MicroAmount.parse(form.text("price").isEmpty ? "0" : form.text("price")) else {
            return try await answer(request, problem: ProviderError.badField("price"), posted: .account)
        }
        var (values, secrets): ([String: String], [String: String]) = ([:], [:])
        for field in provider.fields {
            let value = form.text("f_\(field.key)")
            if field.kind != .secret {
                // Browsers end the lines of a text in two signs.
                values[field.key] = Whitespace.trim(value.replacing("\r\n", with: "\n"))
            } else if !value.isEmpty {
                secrets[field.key] = Whitespace.trim(value)
            }
        }
        let draft = ProviderAccount.Draft(
            isEnabled: form["enabled"] == "1", baseURL: Whitespace.trim(form.text("base_url")), values: values,
            secrets: secrets, perSecond: form.int("per_second") ?? 0, priceMicro: price)
        let actor = request.actor
        do {
            _ = try await platform.store.write {
                try ProviderAccount.save(draft, of: provider, by: actor, platform.seal, platform.effects, $0)
            }
            return .redirect(to: "/sending/providers/\(provider.name)", notice: "frame.saved")
        } catch let error as ProviderError {
            return try await answer(request, problem: error, posted: .account)
        }
    }

    /// Asks the provider and shows what it says.
    static func check(_ request: PageRequest) async throws -> Reply {
        let name = try provider(request).name
        do {
            let (provider, account, line) = try await request.console.configuration.providers.line(
                name, request.platform)
            guard account.isComplete(provider) else { throw ProviderError.notSetUp }
            let found = try await provider.check(line)
            return try await answer(request, facts: found.facts, said: request.text("provider.check_good"))
        } catch let error where ProviderWords.problem(error, request) != nil {
            return try await answer(request, problem: error)
        }
    }

    static func trial(_ request: PageRequest) async throws -> Reply {
        let (provider, form) = (try provider(request), request.form)
        // Code and language parted by a blank, which neither has.
        let chosen = form.text("template").split(separator: " ", maxSplits: 1).map(String.init)
        let lines = form.text("parameters").split(whereSeparator: \.isNewline)
            .filter { !Whitespace.trim(String($0)).isEmpty }
        let parameters = lines.compactMap { line in
            let sides = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return sides.count == 2
                ? ProviderTemplate.Parameter(
                    name: Whitespace.trim(String(sides[0])), value: Whitespace.trim(String(sides[1]))) : nil
        }
        guard parameters.count == lines.count else {
            return try await answer(request, problem: ProviderError.badField("parameters"), posted: .trial)
        }
        let trial = ProviderTrial(
            to: form.text("to"), code: chosen.first ?? "", language: chosen.count > 1 ? chosen[1] : "",
            signature: form.text("signature"), parameters: parameters,
            title: request.text("provider.trial_title"), text: form.text("text"))
        do {
            let outcome = try await trial.send(
                by: provider.name, request.console.configuration.providers, request.platform)
            let (words, isGood) = ProviderWords.outcome(outcome, request)
            return try await answer(
                request, said: isGood ? words : nil, told: isGood ? nil : words, posted: .trial)
        } catch MessageError.badAddress where provider.reachesPeople {
            return try await answer(request, told: request.text("segment.nobody_found"), posted: .trial)
        } catch let error where ProviderWords.problem(error, request) != nil {
            return try await answer(request, problem: error, posted: .trial)
        }
    }

    static func open(_ request: PageRequest) async throws -> Reply {
        let (provider, now) = (try provider(request), request.now)
        try await request.platform.store.write { try ProviderGates.open(provider, at: now, $0) }
        return .redirect(to: "/sending/providers/\(provider.name)", notice: "frame.saved")
    }

    static func fetch(_ request: PageRequest) async throws -> Reply {
        let name = try provider(request).name
        do {
            let count = try await ApprovedTemplates.fetch(
                name, by: request.actor, request.console.configuration.providers, request.platform)
            return try await answer(
                request,
                said: request.text("provider.fetched", ["count": request.wording.number(Int64(count))]))
        } catch let error where ProviderWords.problem(error, request) != nil {
            return try await answer(request, problem: error)
        }
    }

    static func submit(_ request: PageRequest) async throws -> Reply {
        let (name, form) = (try provider(request).name, request.form)
        let draft = ProviderTemplateDraft(
            name: Whitespace.trim(form.text("name")), text: Whitespace.trim(form.text("text")),
            category: form.text("category"), language: Whitespace.trim(form.text("language")),
            remark: form.text("remark"),
            examples: form.text("examples").split(whereSeparator: \.isNewline).map { Whitespace.trim(String($0)) },
            header: Whitespace.trim(form.text("header")), headerExample: Whitespace.trim(form.text("header_example")),
            buttonLabel: Whitespace.trim(form.text("button_label")),
            buttonURL: Whitespace.trim(form.text("button_url")),
            buttonExample: Whitespace.trim(form.text("button_example")))
        do {
            try draft.validate()
            let (provider, account, line) = try await request.console.configuration.providers.line(
                name, request.platform)
            guard account.isComplete(provider) else { throw ProviderError.notSetUp }
            try await provider.submit(draft, line)
            return try await answer(request, said: request.text("provider.submitted"))
        } catch let error where ProviderWords.problem(error, request) != nil {
            return try await answer(request, problem: error, posted: .template)
        }
    }

    private static func provider(_ request: PageRequest) throws -> any MessageProvider {
        do {
            return try request.console.configuration.providers.provider(request.parameters["provider"] ?? "")
        } catch ProviderError.unknownProvider {
            throw PageFailure.notFound
        }
    }

    private static func answer(
        _ request: PageRequest, facts: [ProviderCheck.Fact] = [], said: String? = nil, told: String? = nil,
        problem: (any Error)? = nil, posted: Posted? = nil
    ) async throws -> Reply {
        let (provider, now) = (try provider(request), request.now)
        let (account, gates, templates, fetchedAt) = try await request.platform.store.read { connection in
            (
                try ProviderAccount.load(provider, connection), try ProviderGates.load(provider, at: now, connection),
                try ApprovedTemplates.list(provider.name, connection),
                try ApprovedTemplates.fetchedAt(provider.name, connection)
            )
        }
        let access = try account.opened(provider, request.platform.seal)
        var model = blank(provider, request, posted)
        fill(&model, provider, account, request, keepsForm: posted == .account, problem)
        model.receiptsURL =
            access.receiptKey.isEmpty || !provider.receives
            ? nil : "\(request.address)/receipts/\(provider.name)/\(access.receiptKey)"
        model.snippet = provider.snippet(access, address: request.address)
        model.closed = gates.map { gate in
            ProviderModel.Closed(
                text: request.text(
                    gate.scope.hasPrefix("template:") ? "provider.closed_template" : "provider.closed_account",
                    [
                        "when": request.wording.dateTime(gate.closedUntil ?? now),
                        "detail": request.wording.network(gate.detail),
                        "template": String(gate.scope.split(separator: ":").last ?? ""),
                    ]))
        }
        model.hasClosed = !gates.isEmpty
        model.facts = facts.map {
            ProviderModel.Fact(label: request.text("provider.fact_\($0.key)"), value: $0.value)
        }
        model.hasFacts = !facts.isEmpty
        model.templates = templates.map { row($0, request) }
        model.anyTemplates = !templates.isEmpty
        model.fetched = fetchedAt.map { request.wording.dateTime($0) } ?? request.text("provider.never")
        model.trialChoices = templates.filter { $0.kind == .template && $0.status == .approved }.map {
            let value = $0.language.isEmpty ? $0.code : "\($0.code) \($0.language)"
            let title = [$0.name == $0.code ? "" : $0.name, value, String($0.text.prefix(textShown))]
            return Choice(
                value, title.filter { !$0.isEmpty }.joined(separator: " · "),
                chosen: posted == .trial ? request.form.text("template") : "")
        }
        model.said = said
        let words = told ?? problem.flatMap { ProviderWords.problem($0, request) }
        if posted == .template, provider.submits { model.draft.problem = words } else { model.problem = words }
        return .page(
            Page(
                "sending/provider", title: request.text("provider.name_\(provider.name)"),
                crumbs: [
                    Crumb(request.text("sending.title"), "/sending"),
                    Crumb(request.text("provider.title"), "/sending/providers"),
                ], model: model, status: words == nil ? .ok : .unprocessableContent))
    }

    private static func links(_ provider: String, _ request: PageRequest) -> [Choice] {
        switch provider {
        case "wechat_official": [Choice(WeChatMenuPage.path, request.text("wechat.menu"), chosen: "")]
        case "wecom": [Choice("/sending/wecom-tasks", request.text("wechat.tasks"), chosen: "")]
        default: []
        }
    }

    private static func row(_ template: ApprovedTemplate, _ request: PageRequest) -> ProviderModel.Template {
        let tones: [ApprovedTemplate.Status: String] = [.approved: "chip-good", .rejected: "chip-bad"]
        return ProviderModel.Template(
            kind: request.text("provider.kind_\(template.kind.rawValue)"), name: template.name,
            code: template.language.isEmpty ? template.code : "\(template.code) \(template.language)",
            text: template.text.isEmpty ? nil : template.text,
            status: request.text("provider.status_\(template.status.rawValue)"), tone: tones[template.status] ?? "",
            detail: template.detail.isEmpty ? nil : template.detail)
    }

    private static func fill(
        _ model: inout ProviderModel, _ provider: any MessageProvider, _ account: ProviderAccount,
        _ request: PageRequest, keepsForm: Bool, _ problem: (any Error)?
    ) {
        let form = request.form
        let refused = keepsForm ? problem.flatMap(ProviderWords.field) : nil
        model.fields = provider.fields.map { field in
            let stored = account.values[field.key] ?? field.initial
            let value = keepsForm ? form["f_\(field.key)"] ?? stored : stored
            var choices: [Choice] = []
            if case .choice(let words) = field.kind {
                choices = words.map { Choice($0, request.text("provider.choice_\($0)"), chosen: value) }
            }
            return ProviderModel.Field(
                key: field.key, label: request.text("provider.field_\(field.key)"),
                hint: request.wording.known("provider.hint_\(provider.name)_\(field.key)")
                    ?? request.wording.known("provider.hint_\(field.key)"),
                value: field.kind == .secret ? "" : value,
                isText: field.kind == .text, isLong: field.kind == .lines,
                bytesMax: field.kind == .lines ? bytes(value, field.bytesMax, request) : nil,
                isSecret: field.kind == .secret, isChoice: !choices.isEmpty, choices: choices,
                isKept: account.hasSecret(field.key),
                isLost: keepsForm && field.kind == .secret && !form.text("f_\(field.key)").isEmpty,
                problem: refused == field.key ? problem.flatMap { ProviderWords.problem($0, request) } : nil)
        }
        model.enabled = (keepsForm ? form["enabled"] == "1" : account.isEnabled) ? "checked" : nil
        model.baseURL = keepsForm ? form.text("base_url") : account.baseURL
        model.perSecond = keepsForm ? form.text("per_second") : String(account.perSecond)
        model.price = keepsForm ? form.text("price") : MicroAmount.text(account.priceMicro)
        model.isTyped = keepsForm
        model.isComplete = account.isComplete(provider)
        model.mayCheck = model.isComplete && provider.checks
    }

    private static func bytes(
        _ value: String, _ most: Int?, _ request: PageRequest
    ) -> ProviderModel.Field.Bytes? {
        most.map {
            ProviderModel.Field.Bytes(
                limit: String($0), said: request.text("provider.bytes", ["most": request.wording.number($0)]),
                used: request.wording.number(value.replacing("\r\n", with: "\n").utf8.count))
        }
    }

    private static func blank(
        _ provider: any MessageProvider, _ request: PageRequest, _ posted: Posted?
    ) -> ProviderModel {
        let trial = posted == .trial ? request.form : Fields()
        let draft = posted == .template ? request.form : Fields()
        return ProviderModel(
            name: provider.name, action: "/sending/providers/\(provider.name)",
            lead: request.text("provider.lead_\(provider.name)"), fields: [], enabled: nil,
            hasBaseURL: !provider.baseURL.isEmpty, baseURL: "", perSecond: "", price: "",
            currency: request.workspace.currency, isComplete: false, receiptsURL: nil, snippet: nil, closed: [],
            hasClosed: false, facts: [], hasFacts: false, hasTemplates: provider.templateUse != .none, templates: [],
            fetched: "", maySubmit: provider.submits,
            needsExamples: provider.needsExamples,
            categories: provider.templateCategories.map {
                Choice($0, request.text("provider.category_\($0)"), chosen: draft.text("category"))
            },
            draft: ProviderModel.Draft(
                name: draft.text("name"), text: draft.text("text"), examples: draft.text("examples"),
                language: draft["language"] ?? request.text("provider.language_usual"),
                remark: draft.text("remark"), header: draft.text("header"),
                headerExample: draft.text("header_example"), buttonLabel: draft.text("button_label"),
                buttonURL: draft.text("button_url"), buttonExample: draft.text("button_example"), problem: nil),
            trialTo: trial.text("to"),
            trialLabel: request.text(provider.reachesPeople ? "template.person" : "template.address"),
            trialPlaceholder: provider.reachesPeople ? request.text("template.person_hint") : nil,
            trialHint: request.text("provider.trial_to_\(provider.channel)"),
            trialChoices: [], hasSignature: provider.channel == SMSChannel.name,
            trialSignature: trial.text("signature"), trialParameters: trial.text("parameters"),
            trialText: trial["text"] ?? request.text("provider.trial_text"),
            needsTemplate: provider.templateUse == .required, links: links(provider.name, request),
            faults: ProviderWords.faults(provider.faults, request), said: nil, problem: nil)
    }
}
