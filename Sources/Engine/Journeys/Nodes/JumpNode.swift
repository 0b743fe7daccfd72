/// Goes to another node; back only over one where time passes.
struct JumpNode: JourneyNode {
    static let kind = "jump"
    static let form = CriteriaForm("ends", "跳转", "Jump", [.init("to", "node", "到", "to")])

    var to: String

    init(_ reader: CriteriaReader) { to = reader.text("to") }

    var json: [String: JSONValue] { ["to": .string(to)] }

    func words(_ phrases: JourneyPhrases) -> String {
        let name = phrases.labels[to] ?? to
        return phrases.language("跳转到：\(name)", "Jump to: \(name)")
    }

    func arrive(_ visit: JourneyVisit) -> JourneyMove { .jump(to) }
}
