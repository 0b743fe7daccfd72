import Synchronization

/// What the texts of definitions decode to, remembered. The row is read by whoever asks all the same, so that nothing here
/// can be out of date; only the decoding is saved.
final class DecodedTexts<Value: Sendable>: Sendable {
    /// A text that is told from others by its bytes: equal texts may differ in them.
    private struct Exact: Hashable {
        let text: String

        static func == (left: Exact, right: Exact) -> Bool {
            left.text.utf8.elementsEqual(right.text.utf8)
        }

        func hash(into hasher: inout Hasher) {
            var text = text
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }

    private let known = Mutex<[Exact: Value]>([:])
    private let limit: Int

    /// - Parameter limit: of the texts that are remembered; one more and all are forgotten.
    init(limit: Int) {
        self.limit = limit
    }

    /// What a text decodes to, by `decode` where nobody knows yet. What it throws is thrown again.
    func value(of text: String, _ decode: (String) throws -> Value) rethrows -> Value {
        let key = Exact(text: text)
        if let known = known.withLock({ $0[key] }) { return known }
        let value = try decode(text)
        known.withLock { known in
            if known.count >= limit { known = [:] }
            known[key] = value
        }
        return value
    }
}
