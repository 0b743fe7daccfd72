import Foundation
import Storage

/// Words by which people ask, in a reply, to be left in peace, or to hear again.
package enum StopWords {
    package enum Meaning: Sendable, Equatable {
        case stop, start
    }

    /// As carriers and the law ask for them: T, TD and 退订 in mainland China, STOP and its like elsewhere (CTIA Messaging
    /// Principles §5.1.3). A workspace has its own list in the policy.
    package static let standard = [
        "退订", "TD", "T", "STOP", "UNSUBSCRIBE", "退", "退定", "拒收", "取消", "取消订阅", "STOPALL", "CANCEL", "END",
        "QUIT", "REVOKE", "OPTOUT", "OPT OUT",
    ]
    static let start = ["START", "UNSTOP", "SUBSCRIBE", "订阅", "恢复订阅"]
    package static let wordsMax = 30
    package static let wordCharacters = 20

    /// A longer answer is no word.
    private static let answerBytesMax = 400

    /// Only an answer that says nothing else counts, whatever its case, in wide letters (`ＴＤ`), in quotes or with a full
    /// stop: "don't stop writing" is none. Pure.
    package static func meaning(of answer: String, stop words: [String]) -> Meaning? {
        guard answer.utf8.count <= answerBytesMax else { return nil }
        let said = plain(answer)
        guard !said.isEmpty else { return nil }
        if words.contains(where: { plain($0) == said }) { return .stop }
        return start.contains(said) ? .start : nil
    }

    /// By the words of the policy. Throws: `StorageError`.
    static func meaning(of answer: String, _ connection: any SQLConnection) throws -> Meaning? {
        meaning(of: answer, stop: try MessagePolicy.load(connection).stopWords)
    }

    private static func plain(_ text: String) -> String {
        text.precomposedStringWithCompatibilityMapping.uppercased().trimmingCharacters(in: around)
    }

    private static let around = CharacterSet.whitespacesAndNewlines.union(.punctuationCharacters).union(.symbols)
        .union(.controlCharacters)
}
