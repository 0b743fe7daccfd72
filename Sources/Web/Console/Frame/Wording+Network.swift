import Engine

extension Wording {
    /// What a server or the network said: a fault that is known in the reader's words, with its own words behind them.
    func network(_ words: String) -> String {
        guard let fault = NetworkFault(words: words) else { return words }
        return text("network.told", ["meaning": text("network.\(fault.rawValue)"), "words": words])
    }
}
