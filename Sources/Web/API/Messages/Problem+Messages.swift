import Engine

extension Problem {
    static func liquid(_ place: String, _ error: LiquidError) -> Problem {
        let (code, words): (String, String) =
            switch error.flaw {
            case .unclosed(let sign): ("unclosed", "“\(sign)” is not closed.")
            case .unknownTag(let name): ("unknown_tag", "“\(name)” is no tag that templates know.")
            case .misplaced(let name): ("misplaced_tag", "“\(name)” stands where nothing is open for it.")
            case .missingEnd(let name): ("missing_end", "“\(name)” has no “end\(name)”.")
            case .unexpected(let text): ("unexpected", "“\(text)” was not expected.")
            case .unknownFilter(let name): ("unknown_filter", "“\(name)” is no filter that templates know.")
            case .unknownName(let name): ("unknown_name", "There is nothing called “\(name)”.")
            case .badArgument(let name): ("bad_argument", "The filter “\(name)” cannot be used on this.")
            case .tooDeep, .tooLong, .tooManySteps, .tooMuchOutput: ("too_much", "The template is too large.")
            }
        let spot = place.isEmpty ? "line \(error.line)" : "\(place), line \(error.line)"
        return Problem(
            .unprocessableContent, code, "\(spot): \(words)",
            flaws: [Flaw(place.isEmpty ? "body.content" : "body.content.\(place)", words)])
    }

    static func template(_ error: TemplateError) -> Problem {
        let refuse = { (code: String, detail: String) in Problem(.unprocessableContent, code, detail) }
        switch error {
        case .notFound: return .notFound("template")
        case .badName: return refuse("bad_name", "A name has 1 to \(TemplateLimits.nameCharacters) characters.")
        case .unknownChannel(let name):
            return refuse("unknown_channel", "“\(name)” is none of \(ChannelCatalog.names.joined(separator: ", ")).")
        case .unknownTopic(let name): return refuse("unknown_topic", "The policy has no topic “\(name)”.")
        case .tooLong(let limit): return refuse("too_long", "At most \(limit).")
        case .tooManyBlocks(let limit): return refuse("too_many_blocks", "A variant has at most \(limit) blocks.")
        case .variants(let limit): return refuse("variants", "A template has 1 to \(limit) variants.")
        case .liquid(let place, let error): return .liquid(place, error)
        case .noSubject(let variant): return refuse("no_subject", "Variant \(variant) has no subject.")
        case .empty(let variant): return refuse("empty", "Variant \(variant) says nothing.")
        case .noFooter(let variant):
            return refuse("no_footer", "Variant \(variant) has no footer, by which people unsubscribe.")
        case .noLink(let variant): return refuse("no_link", "Variant \(variant) has a button without a link.")
        case .noCardLink(let variant):
            return refuse("no_card_link", "Variant \(variant) has a card with a title, but no link for it.")
        case .notPublished: return Problem(.conflict, "not_published", "The template has no published version.")
        case .badFallback(let id): return .fallback(id)
        case .noProviderTemplate(let variant):
            return refuse("no_provider_template", "Variant \(variant) needs a template of a provider of its channel.")
        case .notApproved(let variant, let code):
            return refuse("not_approved", "Variant \(variant): the provider has not approved “\(code)”.")
        case .missingParameter(let variant, let name):
            return refuse("missing_parameter", "Variant \(variant): the place “\(name)” is not filled in.")
        case .tooManyParameters(let limit):
            return refuse(
                "too_many_parameters",
                "At most \(limit) parameters of \(TemplateLimits.parameterBytes) bytes each.")
        case .usedBy(let uses):
            return .used("template_in_use", "Journeys or broadcasts write with the template; change them first.", uses)
        }
    }

    static func provider(_ error: ProviderError) -> Problem {
        switch error {
        case .unknownProvider: return .notFound("provider")
        case .missingField(let field):
            return Problem(
                .unprocessableContent, "missing_field", "“\(field)” is needed.",
                flaws: [Flaw("body.\(field)", "is needed")])
        case .badField(let field):
            return Problem(
                .unprocessableContent, "bad_field", "“\(field)” cannot be used.",
                flaws: [Flaw("body.\(field)", "cannot be used")])
        case .tooLong(let field, let bytes, let most):
            return Problem(
                .unprocessableContent, "too_long", "“\(field)” has \(bytes) bytes, at most \(most) are taken.",
                flaws: [Flaw("body.values.\(field)", "has at most \(most) bytes")])
        case .missingBeside(let field, let other):
            return Problem(
                .unprocessableContent, "missing_field", "“\(field)” is needed where “\(other)” is given.",
                flaws: [Flaw("body.values.\(field)", "is needed with \(other)")])
        case .secretsAgain(let fields):
            return Problem(
                .unprocessableContent, "secrets_again",
                "The API's scheme, host or port changed: kept secrets are not sent there; give them again.",
                flaws: fields.map { Flaw("body.secrets.\($0)", "is needed again") })
        case .notSetUp: return Problem(.conflict, "not_set_up", "The provider is not set up.")
        case .refused(let code, let words):
            return Problem(.conflict, "provider_refused", "The provider refused: \(code) \(words)")
        case .unreachable(let words):
            return Problem(.conflict, "provider_unreachable", "The provider cannot be reached: \(words)")
        case .notOffered: return Problem(.conflict, "not_offered", "The provider has nothing of this kind.")
        case .forged, .unreadable: return Problem(.badRequest, "bad_call", "The call cannot be read.")
        }
    }

    static func fallback(_ id: Int64) -> Problem {
        Problem(
            .unprocessableContent, "bad_fallback",
            "Template \(id) cannot be tried next: it is not there, a template before it has its channel, or there are more "
                + "than \(MessageChoices.fallbacksMax).", flaws: [Flaw("body.fallbacks", "\(id) cannot be tried next")])
    }

    /// What others would break without.
    static func used(_ code: String, _ detail: String, _ uses: [SegmentUse]) -> Problem {
        Problem(
            .conflict, code, detail, flaws: uses.map { Flaw("\($0.kind).\($0.id)", "uses it: \($0.name)") })
    }

    static func message(_ error: MessageError) -> Problem {
        let refuse = { (code: String, detail: String) in Problem(.unprocessableContent, code, detail) }
        switch error {
        case .notFound: return .notFound("message")
        case .badKey: return refuse("bad_key", "A key has 1 to \(MessageLimits.keyBytes) bytes.")
        case .valuesTooLong(let limit): return refuse("too_long", "Values have at most \(limit) bytes.")
        case .notReplayable: return Problem(.conflict, "not_replayable", "Only what failed is sent again.")
        case .unknownChannel(let name):
            return refuse("unknown_channel", "“\(name)” is none of \(ChannelCatalog.names.joined(separator: ", ")).")
        case .badAddress(let address): return refuse("bad_address", "“\(address)” is no address of this channel.")
        case .badPolicy(let field):
            return Problem(
                .unprocessableContent, "bad_policy", "“\(field)” cannot be used.",
                flaws: [Flaw("body.\(field)", "cannot be used")])
        case .badLink: return .notFound("link")
        case .replyLength(let limit): return refuse("reply_length", "A reply has 1 to \(limit) bytes.")
        case .nobody:
            return refuse("nobody", "Say who answers (`profile_id` or `address`), or what is answered (`message_id`).")
        }
    }

    static func email(_ error: EmailError) -> Problem {
        let refuse = { (field: String, detail: String) in
            Problem(.unprocessableContent, "bad_\(field)", detail, flaws: [Flaw("body.\(field)", "cannot be used")])
        }
        switch error {
        case .notSetUp: return Problem(.conflict, "not_set_up", "There is no mail server yet, or no sender.")
        case .badHost(let host): return refuse("host", "“\(host)” is no name or address of a server.")
        case .badPort(let port): return refuse("port", "\(port) is no port; ports are 1 to 65535.")
        case .badAddress(let field, let address): return refuse(field, "“\(address)” is no address of mail.")
        case .badDomain(let field, let domain): return refuse(field, "“\(domain)” is no domain.")
        case .badSelector: return refuse("dkim_selector", "A selector has 1 to 40 of a–z, 0–9 and “-”.")
        case .badKey: return Problem(.conflict, "bad_key", "The signing keys cannot be used; renew them.")
        case .badText(let field): return refuse(field, "One line of at most \(EmailLimits.textBytes) bytes.")
        case .passwordAgain:
            return Problem(
                .unprocessableContent, "password_again",
                "The host changed, or TLS was turned off: the kept password is not sent there; give `password` again.",
                flaws: [Flaw("body.password", "is needed again")])
        case .noMailbox: return Problem(.conflict, "not_set_up", "There is no mailbox yet, or no user.")
        case .badFolder(let folder):
            return refuse("folder", "“\(folder)” is no folder: 1 to \(BounceMailboxLimits.folderBytes) signs of ASCII.")
        case .badInterval:
            let span = BounceMailboxLimits.everyMinutes
            return refuse("every_minutes", "\(span.lowerBound) to \(span.upperBound) minutes.")
        }
    }

    static func broadcast(_ error: BroadcastError) -> Problem {
        let refuse = { (code: String, detail: String) in Problem(.unprocessableContent, code, detail) }
        switch error {
        case .notFound: return .notFound("broadcast")
        case .badName: return refuse("bad_name", "A name has 1 to \(BroadcastLimits.nameCharacters) characters.")
        case .unknownSegment(let id): return refuse("unknown_segment", "There is no segment \(id).")
        case .unknownTemplate(let id): return refuse("unknown_template", "There is no template \(id).")
        case .notPublished: return Problem(.conflict, "not_published", "The template has no published version.")
        case .badThrottle(let limit): return refuse("bad_throttle", "0 to \(limit) messages a minute.")
        case .badStart: return refuse("bad_start", "The start is no time.")
        case .badPriority: return refuse("bad_priority", "A priority is 1 to 9.")
        case .badFallback(let id): return .fallback(id)
        case .badHoldout(let limit): return refuse("bad_holdout", "0 to \(limit) in a thousand.")
        case .wrongStatus(let status):
            return Problem(.conflict, "wrong_status", "The broadcast is “\(status.rawValue)” and cannot do this.")
        }
    }
}
