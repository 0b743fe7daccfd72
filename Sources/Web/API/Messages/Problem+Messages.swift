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
        case .notPublished: return Problem(.conflict, "not_published", "The template has no published version.")
        }
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
        case .badHoldout(let limit): return refuse("bad_holdout", "0 to \(limit) in a thousand.")
        case .wrongStatus(let status):
            return Problem(.conflict, "wrong_status", "The broadcast is “\(status.rawValue)” and cannot do this.")
        }
    }
}
