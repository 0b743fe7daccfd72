import Engine

extension Problem {
    static func channelCode(_ error: ChannelCodeError) -> Problem {
        switch error {
        case .badName:
            return Problem(
                .unprocessableContent, "bad_name",
                "A code's name has 1 to \(ChannelCodeLimits.nameCharacters) characters, its owner at most as many.")
        case .badCode:
            return Problem(
                .unprocessableContent, "bad_code", "A code has 3 to 40 letters and digits, “-” and “_” among them.")
        case .codeTaken(let code):
            return Problem(.conflict, "code_taken", "“\(code)” is in use, or was: printed codes are never given again.")
        case .badTarget:
            return Problem(
                .unprocessableContent, "bad_target",
                "The target must be an http or https address of at most \(ChannelCodeLimits.targetCharacters) characters."
            )
        case .targetNotAllowed(let host):
            return Problem(
                .unprocessableContent, "target_not_allowed",
                "Codes may not lead to \(host). Allow it first: POST /api/v1/channel-targets.")
        case .badHost:
            return Problem(
                .unprocessableContent, "bad_host",
                "A host is written like shop.example.com, or .example.com for all below it.")
        case .tooMany: return Problem(.conflict, "too_many", "There are as many as can be kept.")
        case .notFound: return .notFound("channel code")
        }
    }
}
