/// Which brackets are open, one bit each: 64 of them without memory from the heap.
struct BracketStack {
    private(set) var count = 0
    private var word: UInt64 = 0
    private var full: [UInt64] = []

    /// Whether the innermost bracket is `{`.
    var isObject: Bool { word & 1 == 1 }

    mutating func push(isObject: Bool) {
        if count > 0, count % 64 == 0 {
            full.append(word)
            word = 0
        }
        word = word << 1 | (isObject ? 1 : 0)
        count += 1
    }

    mutating func pop() {
        precondition(count > 0, "no bracket is open")
        word >>= 1
        count -= 1
        if count > 0, count % 64 == 0 { word = full.removeLast() }
    }
}
