import Engine

/// The five stages in their order, with the words and colours that every page uses.
enum StageWords {
    static let all = ["introduction", "growth", "maturity", "decline", "churn"]

    static func name(_ stage: String?, _ wording: Wording) -> String {
        stage.flatMap { wording.known("terms.stage_\($0)") } ?? wording.text("frame.none")
    }
}

/// A stage as a chip shows it.
struct StageChip: Encodable, Sendable {
    var stage: String
    var title: String

    init?(_ stage: String?, _ wording: Wording) {
        guard let stage else { return nil }
        self.stage = stage
        title = StageWords.name(stage, wording)
    }
}

/// The eight RFM classes by their code.
enum ClassWords {
    static let all = RFMClassName.all.map(\.code)

    static func name(_ code: String?, _ wording: Wording) -> String? {
        guard let code else { return nil }
        return wording.isChinese ? RFMClassName.chinese(code) : RFMClassName.english(code)
    }
}
